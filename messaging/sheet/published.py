"""Which words are used now. Those that came with the product are stored when asked for."""

from django.db.models import QuerySet

from messaging.sheet.content import FOLDER
from messaging.sheet.models import SheetText
from messaging.wording.states import VersionState
from web import languages
from web.languages import Language


def find(language: str = languages.SWEDISH) -> SheetText:
    """In this language, or in Swedish where nobody has approved one: its `language` says which."""
    for code in (language, languages.SWEDISH):
        if text := _published().filter(language=code).first() or _deliver(code):
            return text
    raise SheetText.DoesNotExist(language)


def available() -> list[Language]:
    """The languages that somebody has approved a sheet in."""
    written = set(_published().values_list("language", flat=True))
    delivered = {file.stem for file in FOLDER.glob("*.txt")}
    return [language for language in languages.ALL if language.code in written | delivered]


def _published() -> QuerySet[SheetText]:
    return SheetText.objects.filter(state=VersionState.PUBLISHED)


def _deliver(language: str) -> SheetText | None:
    file = FOLDER / f"{language}.txt"
    if language not in languages.BY_CODE or not file.exists():
        return None
    body = file.read_text(encoding="utf-8").strip()
    return SheetText(language=language, body=body).deliver()

"""All the texts, by kind and by where they are read, with the languages of each."""

from collections import defaultdict
from dataclasses import dataclass

from messaging.wording import delivered, in_use
from messaging.wording.kinds import Kind, Medium
from messaging.wording.models import Text
from messaging.wording.states import OPEN, VersionState
from web import languages
from web.languages import Language


@dataclass(frozen=True)
class InOneLanguage:
    language: Language
    used: Text | None
    open: Text | None
    # The Swedish words have been changed since these were approved.
    is_behind: bool = False


@dataclass(frozen=True)
class InOneMedium:
    kind: Kind
    medium: Medium
    written: list[InOneLanguage]
    unwritten: list[Language]


def there() -> list[tuple[str, str]]:
    """What the product says, and where: of each a Swedish text came with it."""
    came = {key[:2] for key in delivered.texts()}
    return [(kind, medium) for kind in Kind for medium in Medium if (kind, medium) in came]


def by_kind() -> list[tuple[Kind, list[InOneMedium]]]:
    in_use.deliver_all()
    rows: dict[tuple[str, str, str], dict[str, Text]] = defaultdict(dict)
    for text in Text.objects.filter(state__in=sorted({*OPEN, VersionState.PUBLISHED})):
        place = "open" if text.state in OPEN else "used"
        rows[text.kind, text.medium, text.language][place] = text
    return [
        (kind, [_in_one_medium(kind, Medium(m), rows) for k, m in there() if k == kind])
        for kind in Kind
    ]


def _in_one_medium(
    kind: Kind, medium: Medium, rows: dict[tuple[str, str, str], dict[str, Text]]
) -> InOneMedium:
    written, unwritten = [], []
    swedish = rows.get((kind, medium, languages.SWEDISH), {}).get("used")
    for language in languages.ALL:
        if found := rows.get((kind, medium, language.code)):
            used = found.get("used")
            is_behind = bool(used and swedish and used.is_behind(swedish))
            written.append(InOneLanguage(language, used, found.get("open"), is_behind))
        else:
            unwritten.append(language)
    return InOneMedium(kind, medium, written, unwritten)

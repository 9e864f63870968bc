"""Which words are used now. Those that came with the product become version 1 when asked for."""

from messaging.wording import delivered
from messaging.wording.models import Text
from messaging.wording.states import VersionState
from web import clock, languages


def find(kind: str, medium: str, language: str = languages.SWEDISH) -> Text:
    """In this language, or in Swedish where nobody has approved one: its `language` says which."""
    wanted = (language, languages.SWEDISH)
    rows = Text.objects.published().filter(kind=kind, medium=medium, language__in=wanted)
    found = {text.language: text for text in rows}
    for code in wanted:
        if text := found.get(code) or deliver(kind, medium, code):
            return text
    raise Text.DoesNotExist(f"{kind} {medium}")


def deliver(kind: str, medium: str, language: str) -> Text | None:
    """Store what came with the product, as version 1. None: nothing came, or it is there."""
    words = delivered.texts().get((kind, medium, language))
    if words is None:
        return None
    text, _new = Text.objects.get_or_create(
        kind=kind,
        medium=medium,
        language=language,
        version=1,
        defaults={**words, "state": VersionState.PUBLISHED, "published_at": clock.now()},
    )
    return text if text.state == VersionState.PUBLISHED else None


def deliver_all() -> None:
    """Before a list of them all."""
    known = set(Text.objects.filter(version=1).values_list("kind", "medium", "language"))
    for key in delivered.texts().keys() - known:
        deliver(*key)

"""Which words are used now. Those that came with the product are stored when asked for."""

from messaging.wording import delivered
from messaging.wording.models import Text
from web import languages


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
    """Store what came with the product, where nothing is published. None: nothing came."""
    words = delivered.texts().get((kind, medium, language))
    if words is None:
        return None
    return Text(kind=kind, medium=medium, language=language, **words).deliver()


def deliver_all() -> None:
    """Before a list of them all."""
    known = set(Text.objects.published().values_list("kind", "medium", "language"))
    for key in delivered.texts().keys() - known:
        deliver(*key)


def available(kind: str, medium: str) -> set[str]:
    """The languages that somebody has approved such a text in."""
    published = Text.objects.published().filter(kind=kind, medium=medium)
    came = {key[2] for key in delivered.texts() if key[:2] == (kind, medium)}
    return came | set(published.values_list("language", flat=True))

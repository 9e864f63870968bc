"""The approved texts that come with the product: files that nobody changes on the spot."""

from functools import cache
from pathlib import Path

from messaging.wording.kinds import Medium

_FOLDER = Path(__file__).parent / "texts"


@cache
def texts() -> dict[tuple[str, str, str], dict[str, str]]:
    """By kind, medium and language. All but SMS have the subject on their first line."""
    found = {}
    for file in sorted(_FOLDER.glob("*.txt")):
        kind, medium, language, _ending = file.name.split(".")
        first, _, rest = file.read_text(encoding="utf-8").strip().partition("\n\n")
        has_subject = medium != Medium.SMS
        found[kind, medium, language] = {
            "subject": first if has_subject else "",
            "body": rest if has_subject else first,
        }
    return found

"""What was taken away and what was added, in words that are read aloud too."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Piece:
    text: str
    kind: str  # "same", "removed" or "added"


def between(old: str, new: str) -> list[Piece]:
    """Word by word, with the spaces and line breaks that follow each word."""
    return list(_pieces(re.findall(r"\S+\s*|\s+", old), re.findall(r"\S+\s*|\s+", new)))


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("".join(old[a:b]), "same")
            continue
        if a < b:
            yield Piece("".join(old[a:b]), "removed")
        if c < d:
            yield Piece("".join(new[c:d]), "added")

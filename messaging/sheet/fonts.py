"""The fonts that come with us. WeasyPrint draws silent boxes for what they lack."""

import unicodedata
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "static/fonts/noto"
# Latin, Greek and Cyrillic; Arabic, Persian, Dari and Sorani; Tigrinya.
FAMILIES = ("NotoSans", "NotoSansArabic", "NotoSansEthiopic")
WEIGHTS = ("Regular", "Bold")
FILES = [FOLDER / f"{family}-{weight}.ttf" for family in FAMILIES for weight in WEIGHTS]


@cache
def drawable() -> frozenset[str]:
    """What a family can draw in both weights."""
    regular, bold = (map(_characters, FILES[n::2]) for n in range(len(WEIGHTS)))
    return frozenset[str]().union(
        *(thin & thick for thin, thick in zip(regular, bold, strict=True))
    )


def missing(text: str) -> set[str]:
    return {character for character in text if _is_drawn(character)} - drawable()


def _is_drawn(character: str) -> bool:
    """Spaces and marks of direction are not."""
    return not character.isspace() and unicodedata.category(character) != "Cf"


def _characters(path: Path) -> frozenset[str]:
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))

"""The fonts that come with us. WeasyPrint draws silent boxes for what they lack."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "static/fonts/noto"
FILES = [FOLDER / "NotoSans-Regular.ttf", FOLDER / "NotoSans-Bold.ttf"]


@cache
def drawable() -> frozenset[str]:
    """What all of them can draw."""
    return frozenset.intersection(*map(_characters, FILES))


def missing(text: str) -> set[str]:
    return {character for character in text if not character.isspace()} - drawable()


def _characters(path: Path) -> frozenset[str]:
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))

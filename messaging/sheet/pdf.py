"""HTML to one tagged A4 page. It knows no database, so it can move to a process of its own."""

from functools import cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from weasyprint.document import Document, Page

    from messaging.sheet.bundled import Fetcher

VARIANT = "pdf/ua-1"
MILLIMETRES_PER_LINE = 5.8
ENDLESS_PAGE = "<style>@page { size: 210mm 100000mm }</style>"


class CannotRender(Exception):
    """The sheet has to be changed before it can be sent."""


class DoesNotFit(CannotRender):
    def __init__(self, millimetres: float) -> None:
        self.millimetres = round(millimetres)
        lines = max(1, round(millimetres / MILLIMETRES_PER_LINE))
        super().__init__(f"{self.millimetres} mm, about {lines} lines, too long for one A4 page")


class MissingGlyph(CannotRender):
    def __init__(self, characters: set[str]) -> None:
        self.characters = sorted(characters)
        named = ", ".join(f"{c} (U+{ord(c):04X})" for c in self.characters)
        super().__init__(f"the sheet's fonts lack {named}")


class ForbiddenAddress(CannotRender):
    def __init__(self, addresses: list[str]) -> None:
        self.addresses = addresses
        super().__init__(f"the sheet fetches {', '.join(a[:80] for a in addresses)}")


def render(html: str) -> bytes:
    """The same bytes for the same HTML, in any process."""
    # WeasyPrint takes seconds to import.
    from messaging.sheet.bundled import Fetcher

    if missing := {c for c in unescape(html) if not c.isspace()} - _drawable():
        raise MissingGlyph(missing)
    fetcher = Fetcher()
    document = _lay_out(html, fetcher)
    paper, *too_many = document.pages
    if too_many:
        endless = _lay_out(html + ENDLESS_PAGE, fetcher).pages[0]
        raise DoesNotFit(_millimetres(endless) - _millimetres(paper))
    pdf: bytes = document.write_pdf(pdf_variant=VARIANT)
    if fetcher.refused:
        raise ForbiddenAddress(fetcher.refused)
    return pdf


def _lay_out(html: str, fetcher: "Fetcher") -> "Document":
    from weasyprint import HTML

    from messaging.sheet.bundled import BASE_URL

    document = HTML(string=html, base_url=BASE_URL, url_fetcher=fetcher)
    return document.render(pdf_variant=VARIANT)


def _millimetres(page: "Page") -> float:
    """How high the document's own box is."""
    height: float = page._page_box.children[0].height
    return height * 25.4 / 96


@cache
def _drawable() -> set[str]:
    """What all the fonts can draw. WeasyPrint draws silent boxes for the rest."""
    from messaging.sheet.bundled import FONTS

    return set.intersection(*(_characters(font) for font in FONTS.values()))


def _characters(path: Path) -> set[str]:
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        return {chr(code) for code in font.getBestCmap()}

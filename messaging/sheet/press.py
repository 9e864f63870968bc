"""The process that draws one sheet and ends: `python -m messaging.sheet.press SECONDS MEGABYTES`.

HTML on standard input; a PDF on standard output, or what is wrong with the sheet as JSON.
It starts with an empty environment and imports no Django, so it has no secret to give away.
"""

import json
import os
import resource
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from messaging.sheet import fonts

if TYPE_CHECKING:
    from weasyprint.document import Document, Page

    from messaging.sheet.bundled import Fetcher

VARIANT = "pdf/ua-1"
ENDLESS_PAGE = "<style>@page { size: 210mm 100000mm }</style>"
WRITABLE = 20_000_000  # WeasyPrint writes the fonts down before it uses them


def main(seconds: int, megabytes: int) -> None:
    _limit(seconds, megabytes)
    # A second or so, and the last that needs the machine's libraries.
    import weasyprint  # noqa: F401

    sys.addaudithook(Walls())
    answer = draw(sys.stdin.buffer.read().decode())
    sys.stdout.buffer.write(json.dumps(answer).encode() if isinstance(answer, dict) else answer)


def draw(html: str) -> bytes | dict[str, Any]:
    """The PDF, or why there is none: `millimetres` too long, or the addresses it `fetched`."""
    from messaging.sheet.bundled import Fetcher

    fetcher = Fetcher()
    document = _lay_out(html, fetcher)
    paper, *too_many = document.pages
    if too_many and not fetcher.refused:
        endless = _lay_out(html + ENDLESS_PAGE, fetcher).pages[0]
        return {"millimetres": _millimetres(endless) - _millimetres(paper)}
    pdf: bytes = document.write_pdf(pdf_variant=VARIANT)
    return {"fetched": fetcher.refused} if fetcher.refused else pdf


class Walls:
    """Behind the fetcher: whatever it may have forgotten finds no network, program or file."""

    PROGRAMS = ("os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen")

    def __init__(self) -> None:
        libraries = [sysconfig.get_path(p) for p in ("stdlib", "platstdlib", "purelib", "platlib")]
        ours = [str(Path(__file__).parent), str(fonts.FOLDER), tempfile.gettempdir()]
        self.open = tuple(f"{os.path.realpath(place)}/" for place in libraries + ours)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith("socket.") or event in self.PROGRAMS:
            raise PermissionError(event)
        if event == "open" and not self._may_open(arguments[0]):
            raise PermissionError(event)

    def _may_open(self, path: str | bytes | int | None) -> bool:
        if not isinstance(path, str | bytes):
            return True  # already open
        return os.path.realpath(os.fsdecode(path)).startswith(self.open)


def _limit(seconds: int, megabytes: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, megabytes * 2**20),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, WRITABLE),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _lay_out(html: str, fetcher: "Fetcher") -> "Document":
    from weasyprint import HTML

    from messaging.sheet.bundled import BASE_URL

    document = HTML(string=html, base_url=BASE_URL, url_fetcher=fetcher)
    return document.render(pdf_variant=VARIANT)


def _millimetres(page: "Page") -> float:
    """How high the document's own box is."""
    height: float = page._page_box.children[0].height
    return height * 25.4 / 96


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""HTML to one tagged A4 page, in a process of its own that may neither stay nor look around."""

import json
import subprocess
import sys
from html import escape, unescape
from pathlib import Path
from tempfile import TemporaryDirectory

from messaging.sheet import fonts

SECONDS = 20
MEGABYTES = 512
MILLIMETRES_PER_LINE = 5.8
ROOT = Path(__file__).resolve().parents[2]
# The machine's own fonts would make the page depend on the machine.
OUR_FONTS = f"<fontconfig><dir>{escape(str(fonts.FOLDER))}</dir></fontconfig>"


class CannotRender(Exception):
    """The sheet has to be changed before it can be sent."""


class DoesNotFit(CannotRender):
    def __init__(self, millimetres: float) -> None:
        self.millimetres = round(millimetres)
        self.lines = max(1, round(millimetres / MILLIMETRES_PER_LINE))
        super().__init__(
            f"{self.millimetres} mm, about {self.lines} lines, too long for one A4 page"
        )


class MissingGlyph(CannotRender):
    def __init__(self, characters: set[str]) -> None:
        self.characters = sorted(characters)
        named = ", ".join(f"{c} (U+{ord(c):04X})" for c in self.characters)
        super().__init__(f"the sheet's fonts lack {named}")


class ForbiddenAddress(CannotRender):
    def __init__(self, addresses: list[str]) -> None:
        self.addresses = addresses
        super().__init__(f"the sheet fetches {', '.join(a[:80] for a in addresses)}")


class Stopped(CannotRender):
    """It took too long or too much memory, or broke down: a sheet never needs to."""


def render(html: str) -> bytes:
    """The same bytes for the same HTML, in any process and on any machine. Takes a second."""
    if missing := fonts.missing(unescape(html)):
        raise MissingGlyph(missing)
    answer = _press(html)
    if answer.startswith(b"%PDF-"):
        return answer
    fault = json.loads(answer)
    if "fetched" in fault:
        raise ForbiddenAddress(fault["fetched"])
    raise DoesNotFit(fault["millimetres"])


def _press(html: str) -> bytes:
    with TemporaryDirectory(prefix="sheet-") as folder:
        fonts_file = Path(folder) / "fonts.conf"
        fonts_file.write_text(OUR_FONTS)
        # Nothing of ours: no secret, no address of a database, no proxy.
        environment = {
            "HOME": folder,
            "TMPDIR": folder,
            "FONTCONFIG_FILE": str(fonts_file),
            "PYTHONHASHSEED": "0",
        }
        try:
            return subprocess.run(  # noqa: S603 (ourselves)
                [sys.executable, "-m", "messaging.sheet.press", str(SECONDS), str(MEGABYTES)],
                input=html.encode(),
                capture_output=True,
                check=True,
                cwd=ROOT,
                env=environment,
                timeout=SECONDS,
            ).stdout
        except subprocess.SubprocessError as error:
            # Not what it wrote: that may quote the sheet.
            raise Stopped(type(error).__name__) from None

"""HTML to one tagged A4 page, in a process of its own that may neither stay nor look around."""

import json
import subprocess
import sys
from html import escape, unescape
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from messaging.sheet import fonts

log = structlog.get_logger(__name__)

SECONDS = 20  # of work; twice that on a busy machine
MEGABYTES = 512
MILLIMETRES_PER_LINE = 5.8
ROOT = Path(__file__).resolve().parents[2]
# The machine's own fonts would make the page depend on the machine.
OUR_FONTS = f"<fontconfig><dir>{escape(str(fonts.FOLDER))}</dir></fontconfig>"


class CannotRender(Exception):
    """The sheet has to be changed before it can be sent. Says in Swedish how."""


class DoesNotFit(CannotRender):
    def __init__(self, millimetres: float) -> None:
        self.millimetres = max(1, round(millimetres))
        self.lines = max(1, round(millimetres / MILLIMETRES_PER_LINE))
        super().__init__(
            ngettext(
                "Bladet är %(millimetres)d mm för långt för en A4-sida. Ta bort ungefär en rad.",
                "Bladet är %(millimetres)d mm för långt för en A4-sida. "
                "Ta bort ungefär %(lines)d rader.",
                self.lines,
            )
            % {"millimetres": self.millimetres, "lines": self.lines}
        )


class MissingGlyph(CannotRender):
    def __init__(self, characters: set[str]) -> None:
        self.characters = sorted(characters)
        named = ", ".join(f"”{c}” (U+{ord(c):04X})" for c in self.characters)
        super().__init__(
            _("Bladets typsnitt saknar %(characters)s. Skriv något annat.") % {"characters": named}
        )


class ForbiddenAddress(CannotRender):
    def __init__(self, addresses: list[str]) -> None:
        self.addresses = addresses
        named = ", ".join(address[:80] for address in addresses)
        super().__init__(_("Bladet hämtar %(addresses)s. Ta bort det.") % {"addresses": named})


class Stopped(CannotRender):
    """It took too long or too much memory, or broke down: a sheet never needs to."""

    def __init__(self) -> None:
        super().__init__(
            _("Bladet gick inte att göra till PDF. Försök igen. Händer det igen, ring supporten.")
        )


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
                timeout=2 * SECONDS,
            ).stdout
        except subprocess.SubprocessError as error:
            # Not what it wrote: that may quote the sheet.
            log.error("sheet_not_drawn", error=type(error).__name__)
            raise Stopped from None

"""The file as it was sent: a table with columns that we know, read one row at a time."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

MAX_MEGABYTES = 50
LONGEST_LINE = 10_000

# True: the column must be there.
COLUMNS = {
    "personnummer": True,
    "förnamn": True,
    "efternamn": True,
    "mobil": False,
    "e-post": False,
    "språk": False,
    "tolk": False,
    "skydd": True,
    "ärendenummer": True,
    "enhet": True,
    "handläggare": False,
    "kontaktperson": False,
    "utredning inledd": False,
    "beslut": False,
    "verkställd": False,
    "avslutad": False,
}


class Unreadable(ValueError):
    """Says in Swedish what to do about the file. Nothing of the file is in the text."""


@dataclass(frozen=True)
class Line:
    number: int
    cells: dict[str, str]


def count(file: IO[bytes]) -> int:
    """How many rows there are, once the whole file has been seen to be right in form."""
    rows = sum(1 for _line in read(file))
    if not rows:
        raise Unreadable(_("Filen har inga rader under rubrikraden."))
    return rows


def read(file: IO[bytes]) -> Iterator[Line]:
    """Memory does not grow with the file. Raises Unreadable, also half way."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        yield from _table(_lines(text))
    except UnicodeDecodeError:
        raise Unreadable(
            _(
                "Filen är inte sparad som UTF-8. Öppna den i kalkylprogrammet, "
                "välj Spara som och sedan ”CSV UTF-8”."
            )
        ) from None
    finally:
        text.detach()  # else the file is closed with the wrapper


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise Unreadable(_("Rad %(row)d är för lång.") % {"row": number})
        yield line


def _table(lines: Iterator[str]) -> Iterator[Line]:
    header = next(lines, "")
    separator = ";" if ";" in header else ","
    reader = csv.reader(lines, delimiter=separator, strict=True)
    columns = _columns(header, separator)
    try:
        for cells in reader:
            if cells:
                # The header is a line too.
                yield Line(reader.line_num + 1, _named(columns, cells, reader.line_num + 1))
    except csv.Error:
        raise Unreadable(
            _("Ett citattecken saknas eller står fel på rad %(row)d eller strax före.")
            % {"row": reader.line_num + 1}
        ) from None


def _columns(header: str, separator: str) -> list[str]:
    try:
        cells = next(csv.reader([header], delimiter=separator, strict=True), [])
    except csv.Error:
        raise Unreadable(_("Ett citattecken saknas i rubrikraden.")) from None
    columns = [" ".join(cell.split()).casefold() for cell in cells]
    for number, column in enumerate(columns, 1):
        # By number: in a file without a header, these are somebody's name.
        if column not in COLUMNS:
            raise Unreadable(
                _("Kolumn %(number)d har en rubrik som inte känns igen. Jämför med exempelfilen.")
                % {"number": number}
            )
        if columns.index(column) != number - 1:
            raise Unreadable(_("Kolumnen ”%(column)s” finns två gånger.") % {"column": column})
    missing = [column for column, needed in COLUMNS.items() if needed and column not in columns]
    if missing:
        raise Unreadable(
            _("Det här saknas i rubrikraden: %(columns)s.") % {"columns": ", ".join(missing)}
        )
    return columns


def _named(columns: list[str], cells: list[str], number: int) -> dict[str, str]:
    if len(cells) != len(columns):
        raise Unreadable(
            _(
                "Rad %(row)d har %(found)d rutor, men rubrikraden har %(expected)d. "
                "Filen kan vara avhuggen. Hämta ut den på nytt."
            )
            % {"row": number, "found": len(cells), "expected": len(columns)}
        )
    return dict(zip(columns, cells, strict=True))

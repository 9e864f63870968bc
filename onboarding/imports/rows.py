"""What a row of the file says, and what is wrong with it. Only the file is asked."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from onboarding.imports.csv_file import Line
from onboarding.imports.models import ImportRow
from persons import identity_number, mobile_number
from persons.models import Case, Person, Protection
from web import typed_text

Reader = Callable[[ImportRow, str], None]

# Anything else, also nothing, is UNKNOWN: domain rule R5.
PROTECTION = {
    "nej": Protection.NONE,
    "sekretessmarkering": Protection.CONFIDENTIALITY_MARKING,
    "skyddad folkbokföring": Protection.PROTECTED_REGISTRATION,
}
LANGUAGE_CODE = (2, 3)


class Wrong(ValueError):
    """Says in Swedish what to do about the cell, without what stands in it."""


def read(lines: Iterable[Line], *, today: date) -> Iterator[ImportRow]:
    readers = _READERS | {"personnummer": partial(_identity_number, today=today)}
    for line in lines:
        yield _read(line, readers)


def _read(line: Line, readers: dict[str, Reader]) -> ImportRow:
    row = ImportRow(number=line.number, protection=Protection.UNKNOWN)
    for column, cell in line.cells.items():
        try:
            readers[column](row, _seen(cell))
        except ValueError as error:
            row.errors.append([column, str(error)])
    _check_order(row)
    row.has_errors = bool(row.errors)
    row.person_digest = _digest(row.person | {"protection": row.protection})
    return row


def _seen(cell: str) -> str:
    """Without spaces around it. The same rule as where it is typed."""
    text = cell.replace("\xa0", " ").strip(" ")
    try:
        typed_text.check(text)
    except ValidationError as error:
        raise Wrong(*error.messages) from None
    return text


def _identity_number(row: ImportRow, text: str, *, today: date) -> None:
    row.identity_number = identity_number.parse(text, today=today)


def _mobile(row: ImportRow, text: str) -> None:
    if text:
        e164 = mobile_number.to_e164(text)
        row.person |= {"mobile": _short(text, 40), "mobile_e164": e164}


def _email(row: ImportRow, text: str) -> None:
    if not text:
        return
    local, _at, domain = text.rpartition("@")
    address = f"{local}@{domain.lower()}"
    try:
        validate_email(address)
    except ValidationError:
        raise Wrong(_("E-postadressen stämmer inte. Skriv den så här: namn@exempel.se.")) from None
    row.person["email"] = address


def _language(row: ImportRow, text: str) -> None:
    if not text:
        return
    if len(text) not in LANGUAGE_CODE or not (text.isascii() and text.isalpha()):
        raise Wrong(_("Skriv språket som en kod, till exempel sv eller ar."))
    row.person["language"] = text.lower()


def _protection(row: ImportRow, text: str) -> None:
    row.protection = PROTECTION.get(" ".join(text.casefold().split()), Protection.UNKNOWN)


def _case_number(row: ImportRow, text: str) -> None:
    row.case_number = _needed(text, _longest(Case, "number"))


def _text(of: str, name: str, *, longest: int, needed: bool = False) -> Reader:
    def read_text(row: ImportRow, text: str) -> None:
        if text or needed:
            getattr(row, of)[name] = _needed(text, longest)

    return read_text


def _day(name: str) -> Reader:
    def read_day(row: ImportRow, text: str) -> None:
        if not text:
            return
        try:
            row.case[name] = date.fromisoformat(text).isoformat()
        except ValueError:
            raise Wrong(_("Datumet går inte att läsa. Skriv det så här: 2026-11-23.")) from None

    return read_day


def _needed(text: str, longest: int) -> str:
    if not text:
        raise Wrong(_("Rutan är tom."))
    return _short(text, longest)


def _short(text: str, longest: int) -> str:
    if len(text) > longest:
        raise Wrong(_("Texten får ha högst %(count)d tecken.") % {"count": longest})
    return text


def _check_order(row: ImportRow) -> None:
    decided, executed = row.case.get("decided_on"), row.case.get("executed_on")
    if decided and executed and executed < decided:
        row.errors.append(["verkställd", _("Insatsen är verkställd före beslutet.")])


def _digest(facts: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _longest(model: type[Person | Case], name: str) -> int:
    return int(getattr(model._meta.get_field(name), "max_length", 0))


_READERS: dict[str, Reader] = {
    "förnamn": _text("person", "given_name", longest=_longest(Person, "given_name"), needed=True),
    "efternamn": _text(
        "person", "family_name", longest=_longest(Person, "family_name"), needed=True
    ),
    "mobil": _mobile,
    "e-post": _email,
    "språk": _language,
    "tolk": _text("person", "interpreter", longest=_longest(Person, "interpreter")),
    "skydd": _protection,
    "ärendenummer": _case_number,
    "enhet": _text("case", "unit", longest=100, needed=True),
    "handläggare": _text("case", "case_worker", longest=254),
    "kontaktperson": _text("case", "support_contact", longest=254),
    "utredning inledd": _day("investigation_opened_on"),
    "beslut": _day("decided_on"),
    "verkställd": _day("executed_on"),
    "avslutad": _day("closed_on"),
}

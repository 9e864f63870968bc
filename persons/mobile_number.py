"""Mobile numbers as people write them. Shown as typed, compared and dialled as E.164."""

import re

import phonenumbers
from django.utils.translation import gettext as _
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

# PTS: 070, 072, 073, 076 and 079. 071 is machines, 074 paging.
_SWEDISH_MOBILE = re.compile(r"\+467[02369]\d{7}")
_FOREIGN = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_SEPARATORS = re.compile(r"[\s\u00a0.()/‐-―\u2212-]")
NATIONAL_DIGITS = 10


class InvalidMobileNumber(ValueError):
    """Says in Swedish what to do about the number."""


def to_e164(typed: str) -> str:
    """Return for example +46701740605; raise InvalidMobileNumber with what to do."""
    compact = _SEPARATORS.sub("", typed)
    if re.search(r"[^\W\d_]", compact):
        raise InvalidMobileNumber(_("Mobilnumret innehåller bokstäver. Skriv bara siffror."))
    international = re.sub(r"^00", "+", compact)
    international = re.sub(r"^\+460", "+46", international)
    if re.fullmatch(r"0\d*", international, re.ASCII):
        international = f"+46{international[1:]}"
    if not re.fullmatch(r"\+\d{1,15}", international, re.ASCII):
        raise InvalidMobileNumber(_("Skriv mobilnumret, till exempel 070-174 06 05."))
    if is_foreign(international):
        return _checked_foreign(international)
    return _checked_swedish(international)


def is_foreign(e164: str) -> bool:
    return not e164.startswith("+46")


def country_code(e164: str) -> str:
    """For example "+47"."""
    return f"+{phonenumbers.parse(e164).country_code}"


def _checked_swedish(number: str) -> str:
    if _SWEDISH_MOBILE.fullmatch(number):
        return number
    parsed = _parsed(number)
    if parsed and phonenumbers.number_type(parsed) == PhoneNumberType.FIXED_LINE:
        raise InvalidMobileNumber(
            _("Numret är ett fast telefonnummer och kan inte ta emot sms. Skriv ett mobilnummer.")
        )
    digits = len(number) - len("+46") + 1
    if digits != NATIONAL_DIGITS:
        raise InvalidMobileNumber(
            _("Mobilnumret ska ha 10 siffror. Du skrev %(count)d. Kontrollera numret.")
            % {"count": digits}
        )
    raise InvalidMobileNumber(
        _("Numret är inte ett mobilnummer. Det ska börja på 070, 072, 073, 076 eller 079.")
    )


def _checked_foreign(number: str) -> str:
    parsed = _parsed(number)
    possible = parsed is not None and phonenumbers.is_possible_number(parsed)
    # The library knows countries with numbers of four digits. No telephone has one.
    if not possible or not _FOREIGN.fullmatch(number):
        raise InvalidMobileNumber(_("Det utländska numret stämmer inte. Kontrollera siffrorna."))
    return number


def _parsed(number: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(number)
    except NumberParseException:
        return None

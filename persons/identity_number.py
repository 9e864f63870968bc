"""Personnummer and samordningsnummer: read, checked, shown.

Sources: folkbokföringslagen 18 §; lag 2022:1697 2 kap. 8 §; Skatteverket on the check digit.
"""

import re
from datetime import date

from django.utils.translation import gettext_lazy as _

_TYPED = re.compile(
    r"(?P<century>\d{2})?(?P<year>\d{2})(?P<rest>\d{4})(?P<sign>[-+])?(?P<last>\d{4})"
)


class InvalidIdentityNumber(ValueError):
    """Says in Swedish what to do about the number."""


def parse(typed: str, *, today: date) -> str:
    """Return the number as 12 digits; raise InvalidIdentityNumber with what to do."""
    compact = re.sub(r"[\s\u00a0]", "", typed).replace("–", "-").replace("\u2212", "-")
    match = _TYPED.fullmatch(compact)
    if not match or not compact.isascii():
        raise InvalidIdentityNumber(
            _("Skriv personnumret med 12 siffror, till exempel 19850312-1234.")
        )
    if not match["century"] and not match["sign"]:
        raise InvalidIdentityNumber(
            _("Skriv personnumret med 12 siffror, så att århundradet syns.")
        )
    century = match["century"] or _century(int(match["year"]), match["sign"], today)
    number = f"{century}{match['year']}{match['rest']}{match['last']}"
    if not _is_valid(number, today):
        raise InvalidIdentityNumber(_("Personnumret stämmer inte. Kontrollera siffrorna."))
    return number


def birth_date(number: str) -> date:
    """The date in the number: no proof of birth, since numbers ran out on some days (FOL 18 §).

    For a samordningsnummer the day is written plus 60.
    """
    day = int(number[6:8])
    return date(int(number[:4]), int(number[4:6]), day - 60 if day > 60 else day)


def shown(number: str, *, today: date) -> str:
    """YYMMDD-NNNC, with "+" from the calendar year in which the person turns 100."""
    sign = "+" if today.year - int(number[:4]) >= 100 else "-"
    return f"{number[2:8]}{sign}{number[8:]}"


def masked(number: str, *, today: date) -> str:
    return shown(number, today=today)[:-4] + "XXXX"


def age(number: str, *, today: date) -> int:
    born = birth_date(number)
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _century(year: int, sign: str, today: date) -> str:
    """The latest century that is not in the future; "+" means a hundred years earlier."""
    century = today.year // 100 - (year > today.year % 100)
    return str(century - (sign == "+"))


def _is_valid(number: str, today: date) -> bool:
    if not 18 <= int(number[:2]) <= 20 or number[8:11] == "000":
        return False
    try:
        born = birth_date(number)
    except ValueError:
        return False
    return born <= today and check_digit(number[2:11]) == int(number[11])


def check_digit(nine: str) -> int:
    """Modulus 10 with the weights 2, 1, 2, …"""
    products = [int(digit) * (2 - i % 2) for i, digit in enumerate(nine)]
    return -sum(p // 10 + p % 10 for p in products) % 10

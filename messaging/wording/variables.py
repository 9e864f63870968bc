"""The fields that a text may have, and nothing else: {kommunen}, {förnamn}."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from django.utils.translation import gettext as _

from messaging.wording import phrases
from messaging.wording.kinds import Kind, Medium
from staff.models import Municipality
from web import languages

MUNICIPALITY = "kommunen"
SHEET_ADDRESS = "läs mer"
DATE = "datum"
GIVEN_NAME = "förnamn"
SENDER_NAME = "avsändarens namn"
SENDER_ROLE = "avsändarens roll"
SENDER_PHONE = "avsändarens telefon"

_ABOUT_SOMEBODY = (GIVEN_NAME, SENDER_NAME, SENDER_ROLE, SENDER_PHONE)
# With the space before it: a field that is empty for somebody leaves none behind.
_FIELD = re.compile(r" ?\{([^{}]*)\}")


def allowed(kind: str, medium: str, language: str) -> tuple[str, ...]:
    """In what leaves the house: the municipality, and when. Never anything about somebody."""
    if medium == Medium.MESSAGE:
        filled = tuple(phrases.FIELDS) if language in phrases.IN_WORDS else ()
        return (*_ABOUT_SOMEBODY, *filled, MUNICIPALITY)
    if kind == Kind.REMINDER:
        return (MUNICIPALITY, DATE)
    return (MUNICIPALITY, SHEET_ADDRESS) if kind == Kind.WELCOME else (MUNICIPALITY,)


def problems(value: str, known: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with the fields of a text, in sentences."""
    for field in dict.fromkeys(_FIELD.findall(value)):
        if field not in known:
            yield _unknown(field, known)
    if set("{}") & set(_FIELD.sub("", value)):
        yield _("En parentes saknar sitt par. Skriv fälten så här: {kommunen}.")


def _unknown(field: str, known: tuple[str, ...]) -> str:
    words = {"field": f"{{{field}}}"}
    if field in _ABOUT_SOMEBODY:
        return _("Sms och mejl får inte säga något om en person. Ta bort %(field)s.") % words
    if near := get_close_matches(field.strip().casefold(), known, n=1):
        words["near"] = f"{{{near[0]}}}"
        return _("Fältet %(field)s finns inte. Menade du %(near)s?") % words
    words["known"] = ", ".join(f"{{{name}}}" for name in known)
    return _("Fältet %(field)s finns inte. Här finns %(known)s.") % words


def fill(text: str, values: Mapping[str, str]) -> str:
    """Fields without a value stay as they are: `unfilled` finds them."""

    def value(match: re.Match[str]) -> str:
        known = values.get(match[1])
        space = match[0][: match[0].index("{")]
        return match[0] if known is None else f"{space}{known}" if known else ""

    return _FIELD.sub(value, text)


def unfilled(text: str) -> list[str]:
    return [f"{{{name}}}" for name in dict.fromkeys(_FIELD.findall(text))]


def of_the_municipality(municipality: Municipality, language: str) -> dict[str, str]:
    english = language == languages.ENGLISH and municipality.english_name
    address = municipality.sheet_address
    return {
        MUNICIPALITY: english or municipality.name,
        SHEET_ADDRESS: _("Läs mer på %(address)s.") % {"address": address} if address else "",
    }

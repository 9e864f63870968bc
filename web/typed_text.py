"""What may stand in a text: one rule for whatever is typed, pasted or imported.

A character that nobody sees makes two names look the same, turns a line around, or breaks what a
machine reads. It is refused where it was typed, with its place, and never silently taken away.
"""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# What a field that says nothing else may hold: a security key's answer is the longest.
LONGEST = 20_000

# Controls, direction and zero width, halves of characters, private, unassigned; separators.
_UNSEEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# By their category something to see. The last two stand where something was lost on the way.
_BLANK = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0\ufffc\ufffd")
# Line ends and tabs; places for hyphens, and marks that only say which way a sign beside them
# goes, both of which a word processor adds by itself.
_IN_RUNNING_TEXT = frozenset("\t\n\r\xad\u200e\u200f\u061c")
# Persian and Kurdish names need the first, emoji the second; between Latin letters neither does
# anything but hide.
_JOINERS = frozenset("\u200c\u200d")
_LAST_LATIN = "\u024f"

_UNSEEN = _("Tecken %(place)d i texten syns inte eller går inte att läsa. Ta bort det.")
_TOO_LONG = _("Texten är för lång. Skriv högst %(limit_value)d tecken.")


def check(text: str, *, is_running: bool = False) -> None:
    """Raises ValidationError, which says where. `is_running`: a text of several lines."""
    if (place := _first_unseen(text, is_running=is_running)) is not None:
        raise ValidationError(_UNSEEN, code="unseen", params={"place": place + 1})


def seen(text: str) -> str:
    """For what is written down whether it is right or not: the rest of it, in one line."""
    return "".join(" " if _is_unseen(text, n) else c for n, c in enumerate(text))


def guard_every_field() -> None:
    """Ours, the admin's, the libraries' and those to come: none of them can forget it."""
    forms.CharField.clean = _clean  # type: ignore[method-assign, assignment]


def _clean(field: forms.CharField, value: Any) -> Any:
    if isinstance(value, str):
        typed = value.strip() if field.strip else value
        _check_length(field, len(typed))
        check(typed, is_running=isinstance(field.widget, forms.Textarea))
    return forms.Field.clean(field, value)


def _check_length(field: forms.CharField, length: int) -> None:
    longest = field.max_length or LONGEST
    if length > longest:
        text = field.error_messages.get("max_length", _TOO_LONG)
        params = {"limit_value": longest, "show_value": length}
        raise ValidationError(text, code="max_length", params=params)


def _first_unseen(text: str, *, is_running: bool) -> int | None:
    allowed = _IN_RUNNING_TEXT if is_running else frozenset()
    places = (n for n, c in enumerate(text) if c not in allowed and _is_unseen(text, n))
    return next(places, None)


def _is_unseen(text: str, place: int) -> bool:
    character = text[place]
    if character in _JOINERS:
        around = text[place - 1 : place] + text[place + 1 : place + 2]
        return len(around) < 2 or not all(map(_may_be_joined, around))
    return unicodedata.category(character) in _UNSEEN_CATEGORIES or character in _BLANK


def _may_be_joined(character: str) -> bool:
    return character > _LAST_LATIN and unicodedata.category(character)[0] in "LMS"

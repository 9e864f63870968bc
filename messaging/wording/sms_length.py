"""How many SMS a text becomes: what it costs, and what the receiver's telephone must put together.

GSM 03.38 counts in septets, and falls back to UCS-2 for the whole text when one character is
outside its alphabet.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Written as an escape and a second septet, which are never parted.
_EXTENDED = frozenset("\f^{}\\[~]|€")


class Encoding(StrEnum):
    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


# What one SMS holds, alone and as a part of several: then a header takes the rest.
_ROOM = {Encoding.GSM_7: (160, 153), Encoding.UCS_2: (70, 67)}


@dataclass(frozen=True)
class SmsLength:
    encoding: Encoding
    units: int
    parts: int

    def __str__(self) -> str:
        return _("%(units)d tecken, %(parts)d sms") % {"units": self.units, "parts": self.parts}


def count(text: str) -> SmsLength:
    encoding = Encoding.GSM_7 if set(text) <= _BASIC | _EXTENDED else Encoding.UCS_2
    widths = [_width(character, encoding) for character in text]
    return SmsLength(encoding, sum(widths), _parts(widths, *_ROOM[encoding]))


def _width(character: str, encoding: Encoding) -> int:
    if encoding == Encoding.GSM_7:
        return 2 if character in _EXTENDED else 1
    return 2 if ord(character) > 0xFFFF else 1


def _parts(widths: list[int], alone: int, together: int) -> int:
    """Filled one after the other: a pair that does not fit begins the next part."""
    if sum(widths) <= alone:
        return 1
    parts, room = 1, together
    for width in widths:
        if width > room:
            parts, room = parts + 1, together
        room -= width
    return parts

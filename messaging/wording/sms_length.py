"""How many SMS a text becomes: what it costs, and what the receiver's telephone must put together.

GSM 03.38 counts in septets, and falls back to UCS-2 for the whole text when one character is
outside its alphabet.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Written as an escape and a second septet, which are never parted.
_EXTENDED = frozenset("\f^{}\\[~]|€")
# What word processors and telephones put there by themselves, and what costs less.
_CHEAPER = {
    "”": '"', "“": '"', "„": '"', "«": '"', "»": '"', "’": "'", "‘": "'", "‚": "'", "´": "'",
    "`": "'", "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "…": "...", "•": "-",
    "\xa0": " ", "\u2009": " ", "\u202f": " ", "\t": " ", "\u200b": "", "\ufeff": "", "\xad": "",
}  # fmt: skip


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

    def advice(self) -> str:
        """How to make it one. Empty: it is."""
        if self.parts == 1:
            return ""
        over = self.units - _ROOM[self.encoding][0]
        return _("Ta bort %(over)d tecken för att få plats i 1 sms.") % {"over": over}


def count(text: str) -> SmsLength:
    encoding = Encoding.GSM_7 if set(text) <= _BASIC | _EXTENDED else Encoding.UCS_2
    widths = [_width(character, encoding) for character in text]
    return SmsLength(encoding, sum(widths), _parts(widths, *_ROOM[encoding]))


def costly(text: str) -> list[str]:
    """The characters that make the whole text cost more. None where its own script does."""
    letters = [character for character in text if character.isalpha()]
    if 2 * sum(letter in _BASIC for letter in letters) < len(letters):
        return []
    return [character for character in dict.fromkeys(text) if not _is_cheap(character)]


def advice(character: str) -> str:
    is_seen = character.isprintable() and not unicodedata.combining(character)
    better = _CHEAPER.get(character, "").strip()
    if not is_seen:
        text = _("Ett osynligt tecken gör att ett sms bara rymmer 70 tecken. Byt ut det.")
    elif better:
        text = _("Tecknet %(character)s gör att ett sms bara rymmer 70 tecken. Byt till %(better)s")
    else:
        text = _("Tecknet %(character)s gör att ett sms bara rymmer 70 tecken. Ta bort det.")
    return text % {"character": character, "better": better}


def cheaper(text: str) -> str:
    """The same words in characters that cost less, where there are such."""
    composed = unicodedata.normalize("NFC", text)  # one "å", not an "a" and a ring
    return "".join(_CHEAPER.get(character, character) for character in composed)


def _is_cheap(character: str) -> bool:
    return character in _BASIC or character in _EXTENDED


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

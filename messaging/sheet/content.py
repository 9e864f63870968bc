"""What a sheet is written as: lines of plain text, whose first characters say what they are."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Literal

from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from messaging.sheet import fonts
from messaging.wording import revealing
from messaging.wording.revealing import Lookout

FOLDER = Path(__file__).parent / "texts"
Kind = Literal["title", "heading", "step", "point", "sms", "qr", "paragraph"]

MUNICIPALITY, WEBSITE = "kommunen", "webbadressen"
PHONE, WEEKDAYS = "telefonnumret", "antal vardagar"
SMS, QR = "sms", "qr"
FIELDS = (MUNICIPALITY, WEBSITE, PHONE, WEEKDAYS, SMS, QR)
# Said of what the e-service is for, not of why somebody has it: a sheet lies on tables.
MAY_BE_SAID = re.compile(r"\b(kallelser|beslut|samtycke|gode? man)\b", re.IGNORECASE)

_LINE: dict[Kind, re.Pattern[str]] = {
    "title": re.compile(r"#\s+(.*)"),
    "heading": re.compile(r"##\s+(.*)"),
    "step": re.compile(r"\d+[.)]\s+(.*)"),
    "point": re.compile(r"[-•*]\s+(.*)"),
    "sms": re.compile(rf"\{{{SMS}\}}(.*)"),
    "qr": re.compile(rf"\{{{QR}\}}\s*(.*)"),
    "paragraph": re.compile(r"(.*)"),
}
_TOGETHER = {"step", "point", "paragraph"}
_BOLD = re.compile(r"\*([^*]+)\*")
_FIELD = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Block:
    kind: Kind
    lines: list[SafeString] = field(default_factory=list)

    @property
    def paragraph(self) -> SafeString:
        """Each line on a line of its own, on paper."""
        return format_html_join(mark_safe(" <br>"), "{}", ([line] for line in self.lines))


def blocks(body: str, values: Mapping[str, str]) -> list[Block]:
    """Ready to be shown. A line whose field is empty is left out."""
    found: list[Block] = []
    ended = True
    for line in body.splitlines():
        if not line.strip():
            ended = True
            continue
        kind, words = _read(line)
        if any(values.get(name) == "" for name in _FIELD.findall(words)):
            continue
        if ended or not found or found[-1].kind != kind or kind not in _TOGETHER:
            found.append(Block(kind))
        found[-1].lines.append(_html(words, values))
        ended = False
    return found


def title(body: str) -> str:
    return next((words for kind, words in map(_read, body.splitlines()) if kind == "title"), "")


def problems(body: str, known: Lookout) -> list[str]:
    """What must be mended, in sentences that name the word and the line."""
    return [*_shape(body), *_fields(body), *_glyphs(body), *_revealing(body, known)]


def _shape(body: str) -> Iterator[str]:
    kinds = [_read(line)[0] for line in body.splitlines() if line.strip()]
    if kinds.count("title") != 1 or kinds[0] != "title":
        yield _("Börja bladet med en rubrik, och bara en: # Så använder du e-tjänsten.")
    if kinds.count("qr") != 1:
        yield _("Skriv {qr} på en egen rad, en gång. Där hamnar koden som leder till webbsidan.")
    for number, line in enumerate(body.splitlines(), start=1):
        if {SMS, QR} & set(_FIELD.findall(_read(line)[1])):
            yield _("Rad %(number)d: {sms} och {qr} ska stå först på en egen rad.") % {
                "number": number
            }


def _fields(body: str) -> Iterator[str]:
    for name in dict.fromkeys(_FIELD.findall(body)):
        if name not in FIELDS:
            known = ", ".join(f"{{{field}}}" for field in FIELDS)
            yield _("Fältet %(field)s finns inte. Här finns %(known)s.") % {
                "field": f"{{{name}}}",
                "known": known,
            }


def _glyphs(body: str) -> Iterator[str]:
    for number, line in enumerate(body.splitlines(), start=1):
        for character in sorted(fonts.missing(line)):
            yield _(
                "Rad %(number)d: tecknet ”%(character)s” (U+%(code)04X) finns inte i bladets "
                "typsnitt. Byt det."
            ) % {"number": number, "character": character, "code": ord(character)}


def _revealing(body: str, known: Lookout) -> Iterator[str]:
    told = MAY_BE_SAID.sub("", body)
    for word in revealing.words_in(told, known):
        better = _("Skriv ”%(better)s”.") % {"better": word.better} if word.better else ""
        yield _(
            "Texten innehåller ”%(word)s”. Bladet kan ligga framme och får inte visa vilken "
            "verksamhet det gäller. %(better)s"
        ) % {"word": word.word, "better": better or _("Ta bort ordet.")}
    yield from revealing.people_in(told, replace(known, names=known.names - _our_words()))


@cache
def _our_words() -> frozenset[str]:
    """Of the sheets that came with the product: somebody is called Freja."""
    sheets = (file.read_text(encoding="utf-8") for file in FOLDER.glob("*.txt"))
    return frozenset(word for sheet in sheets for word in re.findall(r"\w+", sheet))


def _read(line: str) -> tuple[Kind, str]:
    matches = ((kind, form.fullmatch(line.strip())) for kind, form in _LINE.items())
    return next((kind, match[1]) for kind, match in matches if match)


def _html(words: str, values: Mapping[str, str]) -> SafeString:
    html = _BOLD.sub(r"<strong>\1</strong>", escape(words))
    # Escaped, and only strong is added.
    return mark_safe(  # noqa: S308
        _FIELD.sub(lambda m: escape(values[m[1]]) if m[1] in values else m[0], html)
    )

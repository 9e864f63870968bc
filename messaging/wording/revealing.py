"""What tells what an SMS or an e-mail is about, or whom. OSL 26:1: that contact alone is secret."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from django.utils.translation import gettext as _

from messaging.wording import delivered
from messaging.wording.models.revealing_word import RevealingWord
from staff.models import Municipality, Unit, User

THE_MUNICIPALITY, A_MESSAGE, LEAVE_OUT = "kommunen", "meddelande", ""
# Anywhere in a word, so that compounds are found: "vuxenmissbruk". With what to write instead.
STEMS = dict.fromkeys(
    (
        "socialtjänst", "socialförvaltning", "socialsekreterare", "socialnämnd", "socialbidrag",
        "individ", "familjeomsorg", "stödteam", "stödboende", "kontaktperson", "handläggare",
        "social service", "social worker", "case worker", "case officer", "social welfare",
    ),
    THE_MUNICIPALITY,
) | dict.fromkeys(
    (
        "kallelse", "underlag", "beslut", "utredning", "genomförandeplan", "orosanmälan", "journal",
    ),
    A_MESSAGE,
) | dict.fromkeys(
    (
        "missbruk", "beroende", "behandling", "bistånd", "försörjning", "insats", "god man",
        "familjehem", "samtycke",
    ),
    LEAVE_OUT,
)  # fmt: skip
# So short that they are inside innocent words: only on their own.
WHOLE_WORDS = dict.fromkeys(("soc", "ifo", "LVM", "LVU"), THE_MUNICIPALITY)

_LINK = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]{2,}(?:\.[\w-]+)*\.[a-z]{2,}\b(?:/\S*)?")
_IDENTITY_NUMBER = re.compile(r"(?<!\d)(?:\d{2})?\d{6}[-+ ]?\d{4}(?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:\+|00?)(?:[ \-()]*\d){6,13}(?!\d)")


@dataclass(frozen=True)
class Word:
    word: str
    better: str
    is_whole: bool = False

    def is_in(self, folded: str) -> bool:
        return bool(_pattern(self.word, self.is_whole).search(folded))


BUILT_IN = [
    *(Word(word, better) for word, better in STEMS.items()),
    *(Word(word, better, is_whole=True) for word, better in WHOLE_WORDS.items()),
]


@dataclass(frozen=True)
class Lookout:
    """What to look for besides what is revealing everywhere."""

    words: tuple[Word, ...] = ()
    units: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    # The municipality's own, which may be said.
    addresses: frozenset[str] = field(default_factory=frozenset)


def lookout(municipality: Municipality) -> Lookout:
    """As the office is today: the administrators' words, the units, and who works here."""
    staff = User.objects.filter(is_active=True).values_list("first_name", "last_name")
    return Lookout(
        words=own_words(),
        units=tuple(Unit.objects.values_list("name", flat=True)),
        names=names(part for name in staff for part in name),
        addresses=frozenset({municipality.website, municipality.sheet_address} - {""}),
    )


def own_words() -> tuple[Word, ...]:
    """What the administrators have added."""
    rows = RevealingWord.objects.order_by("word")
    return tuple(Word(row.word, row.better, row.is_whole) for row in rows)


def names(texts: Iterable[str]) -> frozenset[str]:
    """Each part of the names, but for what we say ourselves: somebody is called Vi, and Du."""
    return frozenset(part for text in texts for part in re.findall(r"\w+", text)) - _our_words()


def find(text: str, words: Iterable[Word] = ()) -> Word | None:
    """The first of the built-in words, or of these. "Socialtjanst" on a web address counts."""
    folded = _fold(text)
    return next((known for known in (*BUILT_IN, *words) if known.is_in(folded)), None)


def findings(text: str, known: Lookout) -> list[str]:
    """What is wrong with what leaves the house, in sentences that say what to write instead."""
    return list(dict.fromkeys(_findings(text, known)))


def _findings(text: str, known: Lookout) -> Iterator[str]:
    for word in words_in(text, known):
        yield reveals(word)
    yield from people_in(text, known)
    if any(link.rstrip(".,") not in known.addresses for link in _LINK.findall(text)):
        yield _("Sms och mejl får inte innehålla länkar. Skriv namnet på e-tjänsten i stället.")
    if _IDENTITY_NUMBER.search(text):
        yield _("Texten innehåller ett personnummer. Ta bort det.")
    elif _PHONE.search(text):
        yield _("Texten innehåller ett telefonnummer. Ta bort det.")


def words_in(text: str, known: Lookout) -> Iterator[Word]:
    """What tells what it is about: built-in words, those of the administrators, and units."""
    units = (Word(unit, THE_MUNICIPALITY, is_whole=True) for unit in known.units)
    folded = _fold(text)
    return (word for word in (*BUILT_IN, *known.words, *units) if word.is_in(folded))


def people_in(text: str, known: Lookout) -> Iterator[str]:
    """Whom it names, in sentences."""
    for name in sorted(known.names & set(re.findall(r"\w+", text))):
        yield _("”%(name)s” är namnet på en person. Ta bort det.") % {"name": name}


def reveals(word: Word) -> str:
    text = _(
        "Texten innehåller ”%(word)s”. Sms och mejl får inte visa vilken verksamhet det gäller."
    )
    if word.better:
        text += " " + _("Skriv ”%(better)s”.")
    else:
        text += " " + _("Ta bort ordet.")
    return text % {"word": word.word, "better": word.better}


def _fold(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    # What is not seen must not hide a word from us either.
    seen = "".join(c for c in bare if unicodedata.category(c) != "Cf")
    return " ".join(seen.casefold().split())


@cache
def _pattern(word: str, is_whole: bool) -> re.Pattern[str]:
    folded = re.escape(_fold(word))
    return re.compile(rf"\b{folded}\b" if is_whole else folded)


@cache
def _our_words() -> frozenset[str]:
    return frozenset(
        word
        for text in delivered.texts().values()
        for part in text.values()
        for word in re.findall(r"\w+", part)
    )

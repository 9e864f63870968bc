"""Words that tell what an SMS or an e-mail is about. OSL 26:1: that contact alone is secret."""

import re
import unicodedata

# Anywhere in a word, so that compounds are found: "vuxenmissbruk".
STEMS = (
    "socialtjänst", "socialförvaltning", "socialsekreterare", "socialnämnd",
    "individ- och familj", "stödteam", "stödboende", "kontaktperson", "handläggare", "missbruk",
    "beroende", "behandling", "bistånd", "försörjningsstöd", "utredning", "insats",
    "genomförandeplan", "orosanmälan", "god man", "familjehem", "kallelse", "underlag",
    "samtycke", "journal", "beslut",
)  # fmt: skip
# So short that they are inside innocent words: only on their own.
WHOLE_WORDS = ("soc", "ifo", "LVM", "LVU")


def find(text: str) -> str | None:
    """The first revealing word, as the list has it. "Socialtjanst" on a web address counts."""
    folded = _fold(text)
    return next((word for word in STEMS + WHOLE_WORDS if _PATTERNS[word].search(folded)), None)


def _fold(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())


_PATTERNS = {stem: re.compile(re.escape(_fold(stem))) for stem in STEMS} | {
    word: re.compile(rf"\b{_fold(word)}\b") for word in WHOLE_WORDS
}

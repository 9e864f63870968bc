"""Swedish order and folding, the same on every database: å, ä and ö come after z."""

import unicodedata

# The three characters after "z" in ASCII, so that plain byte order is Swedish order.
_LAST = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}"})


def sort_key(*names: str) -> str:
    """Compare by this, never by the name itself."""
    return "\x01".join(_fold(name.casefold().translate(_LAST)) for name in names)


def search_form(name: str) -> str:
    return " ".join(name.casefold().split())


def _fold(text: str) -> str:
    """é as e; the hyphen as a space; other marks dropped."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return bare.replace("-", " ")

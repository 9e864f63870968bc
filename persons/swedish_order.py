"""Swedish order and folding, the same on every database: å, ä and ö come after z."""

import unicodedata
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q

# The three characters after "z" in ASCII, so that plain byte order is Swedish order.
_LAST = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}"})


_AFTER_ALL = "\U0010ffff"


class SortKeyField(models.CharField):  # type: ignore[type-arg]
    """Compared byte by byte, also where the database itself was made with another language."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        collation = {"collation": "C"} if connection.vendor == "postgresql" else {}
        return super().db_parameters(connection) | collation


def sort_key(*names: str) -> str:
    """Compare and look up by this, never by the name itself."""
    return "\x01".join(_bare(_folded(name).translate(_LAST)) for name in names)


def begins(column: str, key: str) -> Q:
    """As a range: SQLite reads LIKE from no index, PostgreSQL only sometimes."""
    return Q(**{f"{column}__gte": key, f"{column}__lt": key + _AFTER_ALL})


def _folded(name: str) -> str:
    """Composed, so that an å from any keyboard or file is one and the same character."""
    return unicodedata.normalize("NFC", name.casefold())


def _bare(text: str) -> str:
    """é as e; the hyphen as a space, and never two spaces; other marks dropped."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.replace("-", " ").split())

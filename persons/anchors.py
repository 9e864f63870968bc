"""Where the chain begins when the log's first years have been disposed of.

An anchor is a row of the log itself, so the chain that goes on after it guards it too: what was
taken away, by whom and when cannot be changed without breaking a seal.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

from django.db.models import QuerySet

from persons import sealing
from persons.models import AccessLogEntry

# Looks at people are answered for so long at least, whatever the settings say: SoLPuL 10 §.
LEAST_YEARS = 5


@dataclass(frozen=True)
class Anchor:
    """All that is gone since the log began: to this seal and this row, and that digest."""

    seal: int = 0
    row: int = 0
    count: int = 0
    since: date = date.min
    until: date = date.min
    digest: str = sealing.START

    def __str__(self) -> str:
        return (
            f"Seals to {self.seal}, rows to {self.row}: {self.count} rows sealed "
            f"{self.since} to {self.until}, digest {self.digest}"
        )

    @classmethod
    def read(cls, text: str) -> Self | None:
        """What `str` has written. None: somebody else has."""
        if not (found := _WRITTEN.fullmatch(text)):
            return None
        seal, row, count, since, until, digest = found.groups()
        try:
            days = date.fromisoformat(since), date.fromisoformat(until)
        except ValueError:
            return None
        return cls(int(seal), int(row), int(count), *days, digest)

    def follows(self, other: Self) -> bool:
        """Whether more has gone than the other says."""
        began = self.since == other.since or other == BEGINNING
        grew = self.row >= other.row and self.count >= other.count and self.until >= other.until
        return began and grew and self.seal > other.seal


BEGINNING = Anchor()
_WRITTEN = re.compile(
    r"Seals to (\d+), rows to (\d+): (\d+) rows sealed "
    r"(\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d), digest ([0-9a-f]{64})"
)


def entries() -> QuerySet[AccessLogEntry]:
    """In order: the last one counts."""
    found: QuerySet[AccessLogEntry] = AccessLogEntry.objects.filter(
        action=AccessLogEntry.Action.DISPOSE_LOG
    )
    return found.order_by("pk")

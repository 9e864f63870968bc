"""Whether the access log is as it was sealed. Reads all of it once, a few thousand rows at a time.

Rows are only ever added, so no snapshot is needed and nobody who writes has to wait.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from persons import anchors, sealing
from persons.anchors import Anchor
from persons.models import AccessLogEntry, AccessLogListed, AccessLogSeal
from persons.sealing import FIELDS
from web import dates

AT_A_TIME = 2_000
# Beat seals each minute. What has waited for so long lost its seal, or nobody seals.
PATIENCE = timedelta(minutes=10)
MOST_PROBLEMS = 100
BEFORE_ALL = -(2**63)

_AT, _LISTED = FIELDS.index("at"), FIELDS.index("listed")
Row = tuple[Any, ...]


@dataclass
class Report:
    """What was read, and in words what is wrong with it."""

    problems: list[str] = field(default_factory=list)
    seals: int = 0
    sealed: int = 0
    unsealed: int = 0
    head: str = ""
    disposed: str = ""

    def complain(self, text: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(text)


def verify(*, heads: Iterable[str] = (), now: datetime) -> Report:
    """Recompute every seal. `heads` left the machine before: each must be in the chain."""
    report, missing = Report(), set(heads)
    rows = _Rows(report)
    start = _start(report)
    missing.discard(start.digest)
    previous = AccessLogSeal(number=start.seal, last=start.row, digest=start.digest)
    for seal in AccessLogSeal.objects.order_by("number").iterator(AT_A_TIME):
        _check(seal, previous, rows, report)
        missing.discard(seal.digest)
        report.head = seal.digest
        previous = seal
    _check_end(rows, previous, report, now)
    for digest in sorted(missing):
        report.complain(
            f"No seal has the digest {digest}: the end of the log has been cut off, "
            "or the chain has been made anew."
        )
    return report


def _start(report: Report) -> Anchor:
    """Where the chain begins. An anchor is proved by the seal that follows, and by its own."""
    found = anchors.BEGINNING
    for entry in anchors.entries().iterator(AT_A_TIME):
        on = timezone.localtime(entry.at).date()
        anchor = Anchor.read(entry.reason)
        if anchor is None or not anchor.follows(found):
            report.complain(f"Row {entry.pk}: what it says of disposal cannot be so.")
            continue
        if anchor.until >= dates.years_before(on, anchors.LEAST_YEARS):
            report.complain(f"Row {entry.pk}: rows were taken away before their time.")
        found = anchor
        report.disposed = (
            f"{anchor.count} rows, sealed {anchor.since} to {anchor.until}, have been disposed of, "
            f"the last ones {on} by user {entry.user_id}."
        )
    return found


def _check(seal: AccessLogSeal, previous: AccessLogSeal, rows: "_Rows", report: Report) -> None:
    name = f"Seal {seal.number} ({seal.sealed_at:%Y-%m-%d %H:%M} UTC)"
    _check_order(name, seal, previous, report)
    if outside := [row[0] for row in rows.up_to(seal.first - 1)]:
        report.complain(f"Rows {outside[0]} to {outside[-1]} are outside every seal.")
    counted = _Counted(rows.up_to(seal.last))
    digest = sealing.digest(seal, counted, after=previous.digest)
    report.seals += 1
    report.sealed += counted.count
    about = f"{name}, rows {seal.first} to {seal.last}:"
    if counted.count < seal.count:
        report.complain(f"{about} {seal.count} were sealed, {counted.count} are left.")
    elif counted.count > seal.count:
        report.complain(f"{about} {seal.count} were sealed, others have been put in.")
    elif digest != seal.digest:
        report.complain(f"{about} a row, this seal or the one before has been changed.")


def _check_order(name: str, seal: AccessLogSeal, previous: AccessLogSeal, report: Report) -> None:
    if seal.number != previous.number + 1:
        report.complain(f"{name}: seals from {previous.number + 1} on are gone before it.")
    elif seal.first != previous.last + 1:
        report.complain(f"{name} begins at row {seal.first}, not at {previous.last + 1}.")


def _check_end(rows: "_Rows", last: AccessLogSeal, report: Report, now: datetime) -> None:
    waiting = None
    for row in rows.up_to(None):
        report.unsealed += 1
        if row[_AT] < now - PATIENCE:
            waiting = waiting or row
    if waiting:
        report.complain(
            f"Row {waiting[0]} was written {waiting[_AT]:%Y-%m-%d %H:%M} UTC and has no seal: "
            f"the seals after {last.number} are gone, or nobody seals."
        )


@dataclass
class _Counted:
    rows: Iterable[Row]
    count: int = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self.rows:
            self.count += 1
            yield row


class _Rows:
    """All rows in order, to be taken in pieces."""

    def __init__(self, report: Report) -> None:
        self._rows = _read(report)
        self._next = next(self._rows, None)

    def up_to(self, last: int | None) -> Iterator[Row]:
        while (row := self._next) is not None and (last is None or row[0] <= last):
            self._next = next(self._rows, None)
            yield row


def _read(report: Report) -> Iterator[Row]:
    """Each row compared with the index over those who were listed in it."""
    entries = AccessLogEntry.objects.order_by("pk").values_list(*FIELDS)
    last = BEFORE_ALL
    while rows := list(entries.filter(pk__gt=last)[:AT_A_TIME]):
        listed = _listed(last, rows[-1][0])
        wrong = [row[0] for row in rows if sorted(listed.pop(row[0], ())) != _expected(row)]
        for entry in sorted([*wrong, *listed]):
            report.complain(f"Row {entry}: the index of who was listed says something else.")
        yield from rows
        last = rows[-1][0]


def _listed(after: int, last: int) -> dict[int, list[tuple[int, datetime]]]:
    found: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    between = AccessLogListed.objects.filter(entry__gt=after, entry__lte=last)
    for entry, person, at in between.values_list("entry_id", "person_id", "at"):
        found[entry].append((person, at))
    return found


def _expected(row: Row) -> list[tuple[int, datetime]]:
    return [(person, row[_AT]) for person in sorted(set(row[_LISTED]))]

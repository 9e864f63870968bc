"""The access log as a chain: each seal answers for its rows and for every seal before it.

Whoever changes, takes out or puts in a row breaks a seal; whoever makes the whole chain anew, or
cuts off its end, is found by a digest that has left the machine: the daily log line.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import structlog
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Max, Sum
from django.utils import timezone

from persons.models import AccessLogEntry, AccessLogSeal
from persons.triggers import LOG_LOCK

log = structlog.get_logger(__name__)

# In this order, for ever. A column that is added goes last, and `canonical` leaves out what is
# empty: so no old seal breaks.
FIELDS = (
    "id", "at", "user_id", "role", "unit_id", "basis", "action", "refused", "person_id",
    "listed", "view", "reason", "source_ip",
)  # fmt: skip
START = "0" * 64
MOST = 10_000  # rows under one seal
PATIENCE = "1s"  # those who write wait behind us for as long


def seal(*, now: datetime) -> None:
    """Seal what has been committed. What cannot be sealed now is sealed at the next tick."""
    last = _settled()
    while last is not None and _seal_next(last, now):
        pass


def _settled() -> int | None:
    """The highest number with nothing below it still to come. None: somebody is writing."""
    try:
        with transaction.atomic():
            _wait_for_writers()
            last: int = AccessLogEntry.objects.aggregate(last=Max("pk", default=0))["last"]
            return last
    except OperationalError as error:
        log.warning("access log not sealed", error=type(error.__cause__).__name__)
        return None


def _wait_for_writers() -> None:
    """On SQLite the transaction itself is the lock: there is one writer."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOG_LOCK])


def _seal_next(last: int, now: datetime) -> bool:
    """Whether there was something. A day begins with a seal also when nobody has read anything."""
    previous = AccessLogSeal.objects.order_by("-number").first()
    begins_day = previous is None or _day(previous.sealed_at) < _day(now)
    first = previous.last + 1 if previous else 1
    rows = list(rows_between(first, last)[:MOST])
    if not rows and not begins_day:
        return False
    made = _make(previous, first=first, last=rows[-1][0] if rows else first - 1, rows=rows, now=now)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:  # another beat was faster
        return False
    if begins_day:
        _tell(made)
    return len(rows) == MOST


def rows_between(first: int, last: int) -> Any:
    found = AccessLogEntry.objects.filter(pk__gte=first, pk__lte=last)
    return found.order_by("pk").values_list(*FIELDS)


def _make(
    previous: AccessLogSeal | None, *, first: int, last: int, rows: list[Any], now: datetime
) -> AccessLogSeal:
    made = AccessLogSeal(
        number=previous.number + 1 if previous else 1,
        first=first,
        last=last,
        count=len(rows),
        sealed_at=now,
    )
    made.digest = digest(made, rows, after=previous.digest if previous else START)
    return made


def _tell(made: AccessLogSeal) -> None:
    """The anchor: once this line is on another machine, nothing before it can be made anew."""
    total = AccessLogSeal.objects.aggregate(total=Sum("count"))["total"]
    day = _day(made.sealed_at)
    log.info("access log sealed", local_date=day, digest=made.digest, count=total)


def _day(moment: datetime) -> str:
    return timezone.localtime(moment).date().isoformat()


def digest(made: AccessLogSeal, rows: Iterable[tuple[Any, ...]], *, after: str) -> str:
    """SHA-256 over the seal before, what this one says of itself, and its rows in order."""
    said = [after, made.number, made.first, made.last, made.count, _plain(made.sealed_at)]
    found = sha256(_json(said))
    for row in rows:
        found.update(canonical(row))
    return found.hexdigest()


def canonical(row: tuple[Any, ...]) -> bytes:
    """The same bytes from every database. A line each: no two rows can pass for one."""
    kept = {name: _plain(value) for name, value in zip(FIELDS, row, strict=True)}
    return b"\n" + _json({name: v for name, v in kept.items() if not _is_empty(v)})


def _is_empty(value: Any) -> bool:
    return value is None or value is False or value in ("", [])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()

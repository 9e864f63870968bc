"""A restored backup must not send again what left after it was taken.

A random marker and the count of claims stand both in the database and in a file that no backup
holds. The file is written last, so it never counts further, unless the database has gone back.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from messaging.notices.models import Notice, Restoration, SendingMarker
from messaging.notices.states import IN_FLIGHT, NoticeState


class Mark(NamedTuple):
    marker: str
    claims: int


class Restored(Exception):
    """The database is older than what has been sent from it. First: manage.py after_restore."""


def require_current() -> None:
    """Raises Restored. The first start of all writes the marker down in both places."""
    with _file() as file:
        # The file first: meanwhile other workers may claim.
        seen = _read(file)
        if seen is None and not SendingMarker.objects.exists():
            _begin(file)
        else:
            _compare(seen)


def is_restored() -> bool:
    """Also where the file cannot be read: nothing is sent then either."""
    try:
        require_current()
    except (Restored, OSError):
        return True
    return False


def outside() -> Mark | None:
    """What the file says. Asked before the transaction of a claim: nobody waits in it."""
    with _file() as file:
        return _read(file)


def count_claim(seen: Mark | None) -> Mark:
    """Called in that transaction, with what the file said. Raises Restored."""
    SendingMarker.objects.update(claims=F("claims") + 1)
    return _compare(seen)


def write_down(mark: Mark) -> None:
    """When the claim is committed, and before anything leaves."""
    with _file() as file:
        seen = _read(file)
        # Another worker may have written a later one.
        if seen and seen.claims < mark.claims:
            _write(file, mark)


@transaction.atomic
def after_restore(*, backup_time: datetime) -> int:
    """Ask first about all that may have left since the backup, and begin a new marker."""
    older = Q(created_at__lte=backup_time) | Q(not_before__lte=backup_time)
    unsettled = Notice.objects.filter(older, state__in=sorted(IN_FLIGHT | {NoticeState.QUEUED}))
    # Whoever it was given to may have been another than the one that the backup names.
    count = unsettled.update(may_have_left_since=backup_time, provider="", negative_checks=0)
    Restoration.objects.create(backup_time=backup_time, notice_count=count)
    with _file() as file:
        _begin(file)
    return count


def last_backup() -> datetime | None:
    """The time of the backup that we have been restored from, the last one there was."""
    times = Restoration.objects.order_by("backup_time").values_list("backup_time", flat=True)
    return times.last()


def _compare(seen: Mark | None) -> Mark:
    inside = SendingMarker.objects.first()
    if seen is None or inside is None or inside.marker != seen.marker:
        raise Restored
    if inside.claims < seen.claims:
        raise Restored
    return Mark(inside.marker, inside.claims)


@transaction.atomic
def _begin(file: int) -> None:
    mark = Mark(secrets.token_hex(16), 0)
    SendingMarker.objects.update_or_create(pk=1, defaults=mark._asdict())
    _write(file, mark)


@contextmanager
def _file() -> Iterator[int]:
    path = Path(settings.RESTORE_MARKER_FILE)
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _read(file: int) -> Mark | None:
    marker, _, claims = os.pread(file, 100, 0).decode().partition(" ")
    return Mark(marker, int(claims)) if marker else None


def _write(file: int, mark: Mark) -> None:
    # Always of the same length: there is never half of one and half of another.
    os.pwrite(file, f"{mark.marker} {mark.claims:020}\n".encode(), 0)
    os.fsync(file)

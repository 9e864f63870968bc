"""The access log's own time: the chain loses its beginning, seal by seal, and keeps an anchor."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import ManyToOneRel, Min, Model, Q
from django.utils import timezone

from onboarding.retention.actions import VIEW, NotTheOwner
from persons import access_log, anchors, sealing, triggers
from persons.anchors import Anchor
from persons.models import AccessLogEntry, AccessLogSeal, LogReview
from staff import permissions
from staff.models import User
from web import clock, dates

# Whoever writes to the log waits while a batch is taken. One seal has 10,000 rows at most.
MOST_ROWS, MOST_SEALS = 2_000, 500


class NotWhole(Exception):
    """The log has been tampered with, and what shows it is not taken away."""


def dispose(*, by: User, today: date) -> int:
    """Take away all that is out of time, a batch at a time, and count the rows.

    Each batch is whole or has not been: stopped and begun again, it goes on where it was.
    """
    if not permissions.may_administer(by):
        raise PermissionDenied
    if not settings.ACCESS_LOG_YEARS:
        return 0
    if not triggers.may_lift(*_tables()):
        raise NotTheOwner
    end, start = _end(limit(today)), _latest()
    last = start
    while last.seal < end:
        last = _take(last, end, by=by)
    if last != start:
        sealing.seal(now=clock.now())  # the anchor is guarded from now on
    return last.count - start.count


def limit(today: date) -> date:
    """What was sealed on this day or later stays."""
    return dates.years_before(today, settings.ACCESS_LOG_YEARS)


def out_of_time(today: date) -> Any:
    """The seals whose rows go."""
    return AccessLogSeal.objects.filter(number__lte=_end(limit(today))).order_by("number")


def _end(before: date) -> int:
    """The last seal that goes. A review has its time too, and the last seal of all carries on."""
    reviewed = LogReview.objects.filter(at__date__gte=before).aggregate(row=Min("entry"))["row"]
    stays = Q(sealed_at__date__gte=before)
    if reviewed:
        stays |= Q(last__gte=reviewed)
    seals = AccessLogSeal.objects.order_by("number")
    first = seals.filter(stays).first() or seals.last()
    return int(first.number) - 1 if first else 0


def _latest() -> Anchor:
    """Looked for only where the chain has lost its beginning: it may be far back."""
    first = AccessLogSeal.objects.order_by("number").first()
    if first is None or first.number == 1:
        return anchors.BEGINNING
    entry = anchors.entries().last()
    if not (entry and (found := Anchor.read(entry.reason))):
        raise NotWhole
    return found


@transaction.atomic
def _take(start: Anchor, end: int, *, by: User) -> Anchor:
    with triggers.lifted(*_tables()):
        if not AccessLogSeal.objects.filter(number=start.seal + 1).exists():
            start = _latest()  # somebody else has begun meanwhile
        if not (seals := _batch(start, end)):
            return start
        anchor = _proved(start, seals)
        for model, path in _ENTRIES.items():
            _delete(model, **{f"{path}__gt": start.row, f"{path}__lte": anchor.row})
        _delete(AccessLogSeal, number__gt=start.seal, number__lte=anchor.seal)
    access_log.record_disposal(by, str(anchor), view=VIEW)
    return anchor


def _batch(start: Anchor, end: int) -> list[AccessLogSeal]:
    seals = AccessLogSeal.objects.filter(number__gt=start.seal, number__lte=end)
    chosen: list[AccessLogSeal] = []
    rows = 0
    for seal in seals.order_by("number")[:MOST_SEALS]:
        rows += seal.count
        if chosen and rows > MOST_ROWS:
            break
        chosen.append(seal)
    return chosen


def _proved(start: Anchor, seals: list[AccessLogSeal]) -> Anchor:
    """Each seal is recomputed before it goes: else what shows a tampering could be taken away."""
    rows = list(sealing.rows_between(start.row + 1, seals[-1].last))
    digest, count = start.digest, 0
    for seal in seals:
        own = rows[count : count + seal.count]
        if sealing.digest(seal, own, after=digest) != seal.digest:
            raise NotWhole
        digest, count = seal.digest, count + seal.count
    if count != len(rows):
        raise NotWhole
    return Anchor(
        seal=seals[-1].number,
        row=seals[-1].last,
        count=start.count + count,
        since=_day(seals[0]) if start == anchors.BEGINNING else start.since,
        until=_day(seals[-1]),
        digest=digest,
    )


def _day(seal: AccessLogSeal) -> date:
    return timezone.localtime(seal.sealed_at).date()


def _referring() -> Iterator[tuple[type[Model], str]]:
    """The index of who was listed, samples and reviews: what is about a look goes with it."""
    for field in AccessLogEntry._meta.get_fields(include_hidden=True):
        if isinstance(field, ManyToOneRel):
            yield field.related_model, field.field.name


# What goes, and how it leads to the number of a look. What others refer to goes last.
_ENTRIES: dict[type[Model], str] = {**dict(_referring()), AccessLogEntry: "pk"}


def _tables() -> list[str]:
    """In the order in which a look is written: its writer must not wait for us in a circle."""
    models: list[type[Model]] = [*reversed(_ENTRIES), AccessLogSeal]
    return [model._meta.db_table for model in models]


def _delete(model: type[Model], **about: object) -> None:
    """Raw: history refuses its own way."""
    model._base_manager.filter(**about)._raw_delete(connection.alias)

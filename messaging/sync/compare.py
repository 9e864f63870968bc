"""Once a week: does the other side hold what we say? Three numbers, and what is wrong is mended.

One page at a time: a million rows take no more memory than a thousand, and a turn of beat can end
anywhere.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from messaging.sync import calendar, guard, run
from messaging.sync.gateways.base import Change, Comparable, Held
from messaging.sync.guard import SYNCED
from messaging.sync.models import Comparison, SyncRun
from persons.models import Switch
from persons.states import OPEN, SwitchState
from web import clock

log = structlog.get_logger(__name__)

EVERY = timedelta(days=7)
PAGE = 500


@dataclass
class Page:
    """What differs in one part of the register."""

    missing: list[Switch] = field(default_factory=list)
    different: list[tuple[Switch, Held]] = field(default_factory=list)
    extra: list[Held] = field(default_factory=list)

    def numbers(self) -> dict[str, int]:
        return {
            "missing": len(self.missing),
            "extra": len(self.extra),
            "different": len(self.different),
        }


def compare_if_due(now: datetime) -> Comparison | None:
    """What beat asks at each tick, when the night is done."""
    tonight = SyncRun.objects.filter(local_date=calendar.ledger_date(now))
    if not tonight.came_through().exclude(finished_at=None).exists():
        return None
    latest = Comparison.objects.order_by("-pk").first()
    if latest and latest.finished_at and latest.started_at > now - EVERY:
        return None
    return compare(turn=run.TURN)


def compare(*, turn: timedelta | None = None) -> Comparison | None:
    """Begin, or go on where the last turn ended. None where the other side cannot be asked."""
    other = run.gateway()
    if not isinstance(other, Comparable):
        return None
    this = Comparison.objects.filter(finished_at=None).first()
    this = this or Comparison.objects.create(started_at=clock.now())
    began = clock.machine_now()
    while this.finished_at is None and _next_page(this, other):
        if turn is not None and clock.machine_now() - began >= turn:
            break
    return this


def _next_page(this: Comparison, other: Comparable) -> bool:
    """Compare and mend. False when another process has done this page meanwhile."""
    model = SYNCED[this.part]
    ours = list(
        model._default_manager.filter(pk__gt=this.after)
        .select_related(*Change.needs(model))
        .order_by("pk")[:PAGE]
    )
    held = other.held(model, this.after, PAGE)
    # As far as both reach: beyond that the next page knows more.
    ends = [ours[-1].pk] if len(ours) == PAGE else []
    ends += [held[-1].key] if len(held) == PAGE else []
    end = min(ends, default=None)
    page = _differences(
        other,
        {row.pk: row for row in ours if end is None or row.pk <= end},
        {row.key: row for row in held if end is None or row.key <= end},
    )
    with transaction.atomic():
        if not this.turn_page(found=page.numbers(), end=end, is_last=model is SYNCED[-1]):
            return False
        for row in page.missing:
            _tell_again(row, newest=row.version)
        for row, theirs in page.different:
            _tell_again(row, newest=max(row.version, theirs.version))
    if this.extra <= guard.limit():
        _close(other, model, page.extra)
    if this.finished_at:
        log.info(
            "comparison finished",
            missing=this.missing,
            extra=this.extra,
            different=this.different,
        )
    return True


def _differences(other: Comparable, ours: dict[int, Switch], held: dict[int, Held]) -> Page:
    """What waits for the night is left out: it is known to be different."""
    page = Page()
    for key, row in ours.items():
        if row.version != row.synced_version or row.state not in OPEN:
            continue
        theirs = held.get(key)
        if theirs is None:
            page.missing.append(row)
        elif theirs.content != other.content(Change.of(row)):
            page.different.append((row, theirs))
    for key, theirs in held.items():
        if theirs.is_open and (key not in ours or ours[key].state == SwitchState.OFF):
            version = ours[key].version if key in ours else 0
            page.extra.append(replace(theirs, version=max(version, theirs.version)))
    return page


def _tell_again(row: Switch, *, newest: int) -> None:
    """Newer than what is there, also where we have come from a backup. The night does the rest."""
    rows = type(row)._default_manager.filter(pk=row.pk)
    if rows.filter(version=row.version).update(version=newest):
        rows.facts_changed()


def _close(other: Comparable, model: type[Switch], extra: list[Held]) -> None:
    """Open there and off here. As careful as the night: very many may be our own mistake."""
    if not extra:
        return
    newer = [replace(theirs, version=theirs.version + 1) for theirs in extra]
    other.close(newer)
    for theirs in newer:
        off = model._default_manager.filter(pk=theirs.key, state=SwitchState.OFF)
        off.filter(version__lt=theirs.version).update(
            version=theirs.version, sent_version=theirs.version, synced_version=theirs.version
        )

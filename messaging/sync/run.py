"""The nightly run: hands what has changed to the e-service and writes back what it answered."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils.module_loading import import_string

from messaging.sync import calendar
from messaging.sync.gateways.base import Answer, Change, Gateway
from messaging.sync.models import SyncRun
from persons.models import EServiceAccount, PersonEvent, Switch
from persons.states import BY_THE_NIGHT, SwitchState
from relations.models import Relation
from staff.models import User
from web import clock

log = structlog.get_logger(__name__)

BATCH = 500
# Renewed with each batch. A run that has been silent for longer may be taken over.
LEASE = timedelta(minutes=2)
LONGEST_REASON = 200
PAUSE_AFTER_FAILURE = timedelta(minutes=15)
SYNCED: tuple[type[Switch], ...] = (EServiceAccount, Relation)

State = SyncRun.State


class AlreadyRunning(Exception):
    """Somebody else's run has the ledger row."""


def run_if_due(now: datetime) -> SyncRun | None:
    """What beat asks at each tick: is the latest night's run done, or resting after a failure?"""
    ledger = SyncRun.objects.filter(local_date=calendar.ledger_date(now))
    resting = Q(state=State.FAILED, lease_until__gt=clock.machine_now())
    if ledger.filter(Q(state__in=[State.DONE, State.PARTIAL]) | resting).exists():
        return None
    try:
        return run(now=now)
    except AlreadyRunning:
        return None


def run(*, now: datetime | None = None, by: User | None = None) -> SyncRun:
    """Run the latest night's synchronisation, also a second time. Raises AlreadyRunning."""
    this = _claim(now or clock.now(), by)
    gateway: Gateway = import_string(settings.SYNC_GATEWAY)()
    try:
        for rows in _batches(this):
            answers = gateway.push([Change.of(row) for row in rows])
            _renew(this)
            _write_back(this, rows, answers)
    except AlreadyRunning:  # taken over: the ledger row is another run's now
        raise
    except Exception as error:
        _finish(this, State.FAILED, error=type(error).__name__)
        raise
    _finish(this, State.PARTIAL if this.refused_count else State.DONE)
    return this


def _claim(now: datetime, by: User | None) -> SyncRun:
    ledger = SyncRun.objects.get_or_create(local_date=calendar.ledger_date(now))[0]
    alive = Q(state=State.RUNNING, lease_until__gte=clock.machine_now())
    if SyncRun.objects.filter(alive).exclude(pk=ledger.pk).exists():  # begun before the hour
        raise AlreadyRunning
    taken = SyncRun.objects.filter(~alive, pk=ledger.pk).update(
        state=State.RUNNING,
        started_at=now,
        finished_at=None,
        lease_until=clock.machine_now() + LEASE,
        usable_from=calendar.usable_from(now),
        done_count=0,
        refused_count=0,
        error="",
        started_by=by,
    )
    if not taken:
        raise AlreadyRunning
    ledger.refresh_from_db()
    return ledger


def _batches(this: SyncRun) -> Iterator[list[Switch]]:
    """Dirty rows in the order of their keys. Each batch is marked as sent before it is read."""
    for model in SYNCED:
        dirty = model._default_manager.dirty().order_by("pk")
        last = 0
        while keys := list(dirty.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
            last = keys[-1]
            batch = model._default_manager.filter(pk__in=keys)
            batch.update(
                sent_version=F("version"),
                state=Case(
                    When(state=SwitchState.FAILED, then=Value(SwitchState.PENDING)),
                    default=F("state"),
                ),
            )
            _renew(this)
            yield list(batch.select_related(*Change.needs(model)).order_by("pk"))


def _renew(this: SyncRun) -> None:
    """Raises AlreadyRunning when we were silent for so long that somebody took over."""
    later = clock.machine_now() + LEASE
    ours = SyncRun.objects.filter(pk=this.pk, lease_until=this.lease_until)
    if not ours.update(lease_until=later):
        raise AlreadyRunning
    this.lease_until = later


@transaction.atomic
def _write_back(this: SyncRun, rows: Sequence[Switch], answers: Sequence[Answer]) -> None:
    """Only where the row is still the one that was sent."""
    model = type(rows[0])
    sent = model._default_manager.filter(version=F("sent_version"))
    # Locked, so that history and ledger tell what is true of the rows when we are done.
    unchanged = sent.filter(pk__in=[row.pk for row in rows]).select_for_update()
    ours = set(unchanged.values_list("pk", flat=True))
    reasons = {a.key: a.refusal[:LONGEST_REASON] for a in answers if a.refusal and a.key in ours}
    accepted = [a.key for a in answers if not a.refusal and a.key in ours]
    usable_from = this.usable_from
    assert usable_from is not None  # noqa: S101  # set by the claim
    sent.filter(pk__in=accepted).update(
        synced_version=F("sent_version"),
        refusal="",
        usable_from=_date_if_new(usable_from),
        state=_moved_by_the_night(),
    )
    _refuse(sent, reasons)
    _write_events(rows, accepted, reasons)
    this.done_count += len(accepted)
    this.refused_count += len(reasons)
    this.save(update_fields=["done_count", "refused_count"])


def _moved_by_the_night() -> Case:
    moves = [When(state=old, then=Value(new)) for old, new in BY_THE_NIGHT.items()]
    return Case(*moves, default=F("state"))


def _date_if_new(usable_from: date) -> Case:
    return Case(When(state=SwitchState.PENDING, then=Value(usable_from)), default=F("usable_from"))


def _refuse(sent: Any, reasons: dict[int, str]) -> None:
    """A refused row stays dirty and is tried again. One in use stays in use meanwhile."""
    if not reasons:
        return
    texts = [When(pk=key, then=Value(reason)) for key, reason in reasons.items()]
    sent.filter(pk__in=reasons).update(
        refusal=Case(*texts),
        state=Case(
            When(state=SwitchState.PENDING, then=Value(SwitchState.FAILED)), default=F("state")
        ),
    )


def _write_events(rows: Sequence[Switch], accepted: Sequence[int], reasons: dict[int, str]) -> None:
    """History of what the night did. By nobody: the system."""
    took = set(accepted)
    new = [row for row in rows if row.pk in took and row.state == SwitchState.PENDING]
    kinds: list[tuple[Switch, str, dict[str, list[str]]]] = [
        (row, "became_usable", {}) for row in new
    ]
    kinds += [
        (row, "was_refused", {"refusal": [row.refusal, reasons[row.pk]]})
        for row in rows
        if row.pk in reasons and row.refusal != reasons[row.pk]
    ]
    PersonEvent.objects.bulk_create(
        PersonEvent(person_id=Change.person_of(row), by=None, kind=kind, changes=changes)
        for row, kind, changes in kinds
    )


def _finish(this: SyncRun, state: State, *, error: str = "") -> None:
    _renew(this)
    this.state, this.error, this.finished_at = state, error, clock.now()
    # A failed run is tried again by beat, after a pause.
    failed = state == State.FAILED
    this.lease_until = clock.machine_now() + PAUSE_AFTER_FAILURE if failed else None
    this.save(update_fields=["state", "error", "finished_at", "lease_until"])
    log.info(
        "nightly sync finished",
        local_date=str(this.local_date),
        state=state,
        done=this.done_count,
        refused=this.refused_count,
        error=error or None,
    )

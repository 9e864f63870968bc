"""The nightly run: hands what has changed to the e-service and writes back what it answered."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError
from django.db.models import Case, Count, Exists, F, Q, Value, When
from django.utils.module_loading import import_string

from messaging.sync import calendar, guard
from messaging.sync.gateways.base import Answer, Change, Gateway, Unavailable
from messaging.sync.guard import SYNCED
from messaging.sync.models import SyncRun
from messaging.sync.settling import Meanwhile, settle
from messaging.sync.write_back import write_back
from persons.models import SET_ASIDE, Switch
from persons.states import SwitchState
from staff.models import User
from web import clock

log = structlog.get_logger(__name__)

BATCH = 500
# Where nobody else is asked, and no row is read.
SETTLED_AT_ONCE = 5_000
# Renewed with each batch. A run that has been silent for longer may be taken over.
LEASE = timedelta(minutes=2)
# A turn of beat ends before Celery's time limit falls in the middle of a batch.
TURN = timedelta(seconds=45)
# What is not done by then waits for the next night, and is told before six.
BUDGET = timedelta(hours=2)
PAUSE_AFTER_FAILURE = timedelta(minutes=15)

OUT_OF_TIME = "TimeBudget"

State = SyncRun.State


class AlreadyRunning(Exception):
    """Somebody else's run has the ledger row."""


def run_if_due(now: datetime) -> SyncRun | None:
    """What beat asks at each tick: is the latest night's run done, resting, or to be decided on?"""
    finished = Q(state__in=[State.DONE, State.PARTIAL], lease_until=None)
    resting = Q(lease_until__gt=clock.machine_now())
    undecided = Q(state=State.STOPPED) & (
        Q(closings_allowed=None) | Q(closings_allowed__lt=F("closing_count"))
    )
    not_due = finished | resting | undecided
    if SyncRun.objects.filter(not_due, local_date=calendar.ledger_date(now)).exists():
        return None
    try:
        # Asked again with the lock: another may have begun and finished meanwhile.
        return run(now=now, turn=TURN, unless=not_due)
    except AlreadyRunning:
        return None


def run(
    *,
    now: datetime | None = None,
    by: User | None = None,
    turn: timedelta | None = None,
    unless: Q | None = None,
) -> SyncRun:
    """Run the latest night's synchronisation, also a second time. Raises AlreadyRunning.

    What is not done when the turn is over goes on at the next tick of beat.
    """
    now = now or clock.now()
    this = _ledger(now)
    # One that died or paused goes on. What is done is counted for the whole night in any case.
    begins = {} if this.state == State.RUNNING else _from_the_beginning(now, by)
    _lock(this, unless, usable_from=calendar.usable_from(now), **begins)
    try:
        state = _take_turn(this, turn)
    except AlreadyRunning:  # taken over: the ledger row is another run's now
        raise
    except Exception as error:
        this.error = str(error) if isinstance(error, Unavailable) else type(error).__name__
        _finish(this, State.FAILED)
        raise
    _finish(this, state)
    return this


def run_one(switch: Switch) -> SyncRun:
    """Hand over one row again, now, beside what the night has done. Raises AlreadyRunning."""
    now = clock.now()
    this = _ledger(now)
    before, rested_until = State(this.state), this.lease_until
    _lock(this)
    this.usable_from = calendar.usable_from(now)
    try:
        _hand_over(this, gateway(), type(switch), [switch.pk])
    finally:
        # Also when nobody answered: the night itself was what it was.
        _renew(this)
        this.state, this.lease_until = before, rested_until
        if before in {State.DONE, State.PARTIAL}:
            this.state = _outcome(this)
        this.save(update_fields=["state", "lease_until", "refused_count", "set_aside_count"])
    return this


def gateway() -> Gateway:
    made: Gateway = import_string(settings.SYNC_GATEWAY)()
    return made


def _ledger(now: datetime) -> SyncRun:
    tonight = calendar.ledger_date(now)
    try:
        found = SyncRun.objects.filter(local_date=tonight).first()
        return found or SyncRun.objects.create(local_date=tonight)
    except IntegrityError:  # somebody begins at the same moment
        raise AlreadyRunning from None


def _from_the_beginning(now: datetime, by: User | None) -> dict[str, Any]:
    new = {"started_at": now, "finished_at": None, "started_by": by}
    return new | {"left_count": 0, "error": ""}


def _lock(ledger: SyncRun, unless: Q | None = None, **new: Any) -> None:
    """Of those who try at the same time one gets on."""
    alive = Q(state=State.RUNNING, lease_until__gte=clock.machine_now())
    begun_before_the_hour = SyncRun.objects.filter(alive).exclude(pk=ledger.pk)
    untouched = SyncRun.objects.filter(
        ~alive, ~Exists(begun_before_the_hour), pk=ledger.pk, state=ledger.state
    )
    untouched = untouched.exclude(unless) if unless else untouched
    taken = untouched.update(
        state=State.RUNNING,
        lease_until=clock.machine_now() + LEASE,
        **new,
    )
    if not taken:
        raise AlreadyRunning
    ledger.refresh_from_db()


def _take_turn(this: SyncRun, turn: timedelta | None) -> State:
    waiting = guard.waiting()
    if guard.must_ask(this, sum(counts["closing"] for counts in waiting.values())):
        return State.STOPPED
    other, began = gateway(), clock.machine_now()
    for model, keys in _batches(other, [model for model in SYNCED if waiting[model]["due"]]):
        if other.asks_nobody:
            _settle(this, other, model, keys)
        else:
            _hand_over(this, other, model, keys)
        if turn is not None and clock.machine_now() - began >= turn:
            return _out_of_time(this)
    return _outcome(this)


def _out_of_time(this: SyncRun) -> State:
    """To be continued, unless the night is over."""
    if this.started_at is None or clock.now() < this.started_at + BUDGET:
        return State.RUNNING
    this.left_count = sum(model._default_manager.due().count() for model in SYNCED)
    this.error = OUT_OF_TIME
    return _outcome(this)


def _batches(
    other: Gateway, models: list[type[Switch]]
) -> Iterator[tuple[type[Switch], list[int]]]:
    """The keys of what is to be told, in their order."""
    for model in models:
        due = model._default_manager.due().filter(other.ready).order_by("pk")
        last, most = 0, SETTLED_AT_ONCE if other.asks_nobody else BATCH
        while keys := list(due.filter(pk__gt=last).values_list("pk", flat=True)[:most]):
            last = keys[-1]
            yield model, keys


def _settle(this: SyncRun, other: Gateway, model: type[Switch], keys: list[int]) -> None:
    _renew(this)
    waiting = model._default_manager.due().filter(other.ready, pk__range=(keys[0], keys[-1]))
    try:
        barred = settle(this, waiting)
    except Meanwhile:  # they are locked only as long as it takes: once more will do
        barred = settle(this, waiting)
    if barred:
        _hand_over(this, other, model, barred)


def _hand_over(this: SyncRun, other: Gateway, model: type[Switch], keys: list[int]) -> None:
    """Marked as sent before it is read: what changes after that goes another night."""
    batch = model._default_manager.filter(other.ready, pk__in=keys)
    batch.update(
        sent_version=F("version"),
        state=Case(
            When(state=SwitchState.FAILED, then=Value(SwitchState.PENDING)),
            default=F("state"),
        ),
    )
    _renew(this)
    rows = list(batch.select_related(*Change.needs(model)).order_by("pk"))
    if not rows:
        return
    changes = [Change.of(row) for row in rows]
    # Whoever may not be on is not told of, whatever the other side would have said.
    barred = [Answer(change.key, change.refusal) for change in changes if change.refusal]
    answers = other.push([change for change in changes if not change.refusal])
    _renew(this)
    write_back(this, rows, [*barred, *answers])


def _renew(this: SyncRun) -> None:
    """Raises AlreadyRunning when we were silent for so long that somebody took over."""
    later = clock.machine_now() + LEASE
    ours = SyncRun.objects.filter(pk=this.pk, lease_until=this.lease_until)
    if not ours.update(lease_until=later):
        raise AlreadyRunning
    this.lease_until = later


def _outcome(this: SyncRun) -> State:
    """Never done while somebody is left out, also those who are no longer asked about."""
    refused = Q(~SET_ASIDE, refused_on=this.local_date)
    found = [
        model._default_manager.dirty().aggregate(
            set_aside=Count("pk", filter=SET_ASIDE), refused=Count("pk", filter=refused)
        )
        for model in SYNCED
    ]
    this.set_aside_count = sum(counts["set_aside"] for counts in found)
    this.refused_count = sum(counts["refused"] for counts in found)
    return (
        State.PARTIAL if this.refused_count + this.set_aside_count + this.left_count else State.DONE
    )


def _finish(this: SyncRun, state: State) -> None:
    ours = SyncRun.objects.filter(pk=this.pk, lease_until=this.lease_until)
    this.state, this.lease_until = state, _rests_until(this, state)
    this.finished_at = None if state == State.RUNNING else clock.now()
    told = (
        "state", "lease_until", "finished_at", "refused_count", "set_aside_count",
        "left_count", "error",
    )  # fmt: skip
    if not ours.update(**{name: getattr(this, name) for name in told}):
        raise AlreadyRunning
    log.info(
        "nightly sync finished",
        local_date=str(this.local_date),
        state=state,
        done=this.done_count,
        refused=this.refused_count,
        set_aside=this.set_aside_count,
        left=this.left_count,
        error=this.error or None,
    )


def _rests_until(this: SyncRun, state: State) -> datetime | None:
    """When beat takes it up again. None: not by itself."""
    now = clock.machine_now()
    if state == State.RUNNING:
        return now - timedelta(seconds=1)
    unanswered = this.left_count and this.error != OUT_OF_TIME
    return now + PAUSE_AFTER_FAILURE if state == State.FAILED or unanswered else None

"""What a worker does with an import: a piece at a time, so that notices are not kept waiting."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from onboarding.imports import markings, plan, write
from onboarding.imports.models import ImportRow, ImportRun
from onboarding.imports.plan import Plan, Staff
from persons import access_log
from persons.models import AccessLogEntry, NotAllowed
from staff.models import User
from web import clock

BATCH = 1_000
BATCHES_A_PIECE = 10
# Renewed with each batch. Who has been silent for longer has been interrupted.
LEASE = timedelta(minutes=2)
KEPT_ERRORS = 1_000
# Rows of people lie no longer than this outside the register.
KEPT = timedelta(hours=24)
VIEW = "import"

State = ImportRun.State
Action = AccessLogEntry.Action


class TakenOver(Exception):
    """We were silent for so long that another worker has it."""


def go_on(run_id: int) -> bool:
    """Do the next piece, and say whether there is more. A run that somebody has is left alone."""
    run = _claim(run_id)
    if run is None:
        return False
    try:
        if run.state == State.CHECKING:
            _check(run)
            return False
        return _apply(run)
    except TakenOver:
        return False


@transaction.atomic
def forget(run: ImportRun) -> None:
    """Let go of the rows, unless a worker has them in its hands."""
    free = Q(lease_until=None) | Q(lease_until__lt=clock.machine_now())
    this = ImportRun.objects.unfinished().filter(free, pk=run.pk)
    if not this.update(state=State.DISCARDED, finished_at=clock.now(), lease_until=None):
        raise NotAllowed(f"{run} is finished, or a worker has it")
    run.rows.all().delete()


def forget_old(*, now: datetime) -> None:
    """What nobody has applied in a day, and rows that came after their run was discarded."""
    for run in ImportRun.objects.unfinished().filter(created_at__lt=now - KEPT):
        with suppress(NotAllowed):  # at work: we ask again at the next tick
            forget(run)
    ImportRow.objects.filter(run__state=State.DISCARDED).delete()


def _claim(run_id: int) -> ImportRun | None:
    waiting = ImportRun.objects.waiting_for_a_worker(at=clock.machine_now()).filter(pk=run_id)
    if not waiting.update(lease_until=clock.machine_now() + LEASE):
        return None
    return ImportRun.objects.select_related("created_by", "applied_by").get(pk=run_id)


def _check(run: ImportRun) -> None:
    """Count what would be changed. It tells who is known, so it is logged as a look."""
    staff, after = Staff.today(), ""
    run.begin_counting()
    wrong = run.rows.filter(has_errors=True)
    _count_wrong(run, wrong.order_by("number")[:KEPT_ERRORS])
    run.error_count = wrong.count()
    while rows := _next_batch(run, after=after):
        after = rows[-1].identity_number
        planned = plan.make(rows, staff)
        _count(run, planned)
        with transaction.atomic():
            access_log.record_batch(run.created_by, Action.LIST, planned.known_persons, view=VIEW)
            _keep(run, lease=LEASE)
    _keep(run, state=State.CHECKED)


def _apply(run: ImportRun) -> bool:
    by, staff = run.applied_by, Staff.today()
    assert by is not None  # noqa: S101  # a constraint of the table
    for _ in range(BATCHES_A_PIECE):
        if not (_set_aside_wrong(run, by) or _apply_batch(run, staff, by)):
            _keep(run, state=State.APPLIED, finished_at=clock.now())
            return False
    _keep(run)
    return True


@transaction.atomic
def _set_aside_wrong(run: ImportRun, by: User) -> bool:
    """A row that cannot be read is not applied, but a marking on it is: that must not wait."""
    rows = list(run.rows.filter(has_errors=True).order_by("number")[:BATCH])
    if not rows:
        return False
    arrived = plan.markings(rows)
    markings.arrive(arrived, by=by)
    access_log.record_batch(by, Action.UPDATE, sorted(p.pk for p in arrived), view=VIEW)
    run.marked_count += len(arrived)
    run.error_count += len(rows)
    _count_wrong(run, rows)
    _forget(run, rows)
    return True


@transaction.atomic
def _apply_batch(run: ImportRun, staff: Staff, by: User) -> bool:
    """The batch, its history, its log and its end in the queue: all of it or nothing."""
    rows = _next_batch(run)
    if not rows:
        return False
    planned = plan.make(rows, staff, lock=True)
    new, changed = write.write(planned, by=by)
    access_log.record_batch(by, Action.CREATE, new, view=VIEW)
    access_log.record_batch(by, Action.UPDATE, changed, view=VIEW)
    _count(run, planned)
    _forget(run, rows)
    return True


def _next_batch(run: ImportRun, *, after: str = "") -> list[ImportRow]:
    """Whole persons at a time, so that nobody is planned twice."""
    right = run.rows.filter(has_errors=False, identity_number__gt=after)
    rows = list(right.order_by("identity_number", "number")[:BATCH])
    if len(rows) < BATCH:
        return rows
    cut = rows[-1].identity_number
    whole = [row for row in rows if row.identity_number != cut]
    return whole or list(right.filter(identity_number=cut).order_by("number"))


def _count(run: ImportRun, planned: Plan) -> None:
    for row in planned.rows:
        if row.is_new:
            run.new_count += 1
        elif row.is_changed:
            run.changed_count += 1
        else:
            run.unchanged_count += 1
        run.marked_count += bool(row.marking)
    run.error_count += len(planned.errors)
    _note(run, planned.errors)


def _count_wrong(run: ImportRun, rows: Iterable[ImportRow]) -> None:
    _note(run, [[row.number, *error] for row in rows for error in row.errors])


def _note(run: ImportRun, errors: list[list[Any]]) -> None:
    if errors:
        run.errors = sorted([*run.errors, *errors])[:KEPT_ERRORS]


def _forget(run: ImportRun, rows: Sequence[ImportRow]) -> None:
    ImportRow.objects.filter(pk__in=[row.pk for row in rows]).delete()
    _keep(run, lease=LEASE)


def _keep(run: ImportRun, *, lease: timedelta | None = None, **end: Any) -> None:
    """Write the counts, and keep the run for so long or give it up. Raises TakenOver."""
    until = clock.machine_now() + lease if lease else None
    ours = ImportRun.objects.filter(pk=run.pk, lease_until=run.lease_until)
    counts = {name: getattr(run, name) for name in ImportRun.COUNTED}
    if not ours.update(lease_until=until, **counts, **end):
        raise TakenOver
    run.lease_until = until

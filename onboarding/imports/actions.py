"""What can be done with a file of persons and cases."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import IO, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from onboarding.imports import csv_file, rows, tasks, work
from onboarding.imports.models import ImportRow, ImportRun
from persons.models import NotAllowed
from staff import permissions
from staff.models import User
from web import clock

BATCH = 1_000

State = ImportRun.State


class AnotherIsApplied(NotAllowed):
    """One import at a time: two could name the same person."""


def upload(*, file: IO[bytes], submission: UUID, by: User) -> ImportRun:
    """Read the file into the queue; a worker then checks it. The same submission twice is one.

    Row by row and committed by the batch, so that neither memory nor locks grow with the file.
    The file has been seen to be right in form: see csv_file.count.
    """
    _require_administrator(by)
    run, is_first = ImportRun.objects.get_or_create(
        public_id=submission, defaults={"created_by": by, "digest": _digest(file)}
    )
    if not is_first:
        return run
    for batch in _batches(rows.read(csv_file.read(file), today=clock.today())):
        for row in batch:
            row.run = run
        ImportRow.objects.bulk_create(batch)
        run.row_count += len(batch)
    _refuse_contradictions(run)
    _queue(run, State.CHECKING, row_count=run.row_count)
    return run


@transaction.atomic
def proceed(*, run: ImportRun, by: User) -> None:
    """Apply what has been checked, or let a worker take up what was interrupted.

    Saying so twice is once. Raises AnotherIsApplied.
    """
    _require_administrator(by)
    if run.state != State.CHECKED:
        _queue(run, State(run.state))
        return
    run.begin_counting()
    counts = {name: getattr(run, name) for name in ImportRun.COUNTED}
    try:
        with transaction.atomic():
            _queue(run, State.APPLYING, applied_by=by, **counts)
    except IntegrityError:
        raise AnotherIsApplied(str(run)) from None


def discard(*, run: ImportRun, by: User) -> None:
    """Forget the rows. What has been applied of them stays."""
    _require_administrator(by)
    work.forget(run)


def _require_administrator(by: User) -> None:
    if not permissions.may_administer(by):
        raise PermissionDenied


def _queue(run: ImportRun, state: State, **facts: object) -> None:
    """The filter on the old state is the lock: of two at the same second, one moves it."""
    moved = ImportRun.objects.unfinished().filter(pk=run.pk, state=run.state)
    if not moved.update(state=state, **facts):
        raise NotAllowed(f"{run} was moved by someone else")
    run.state = state
    transaction.on_commit(partial(tasks.continue_import.delay, run_id=run.pk))


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _batches(staged: Iterable[ImportRow]) -> Iterator[list[ImportRow]]:
    """More is read when the batch before has been written."""
    remaining = iter(staged)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _refuse_contradictions(run: ImportRun) -> None:
    """Rows of the same file that do not agree: nobody knows which of them is right."""
    right = run.rows.filter(has_errors=False)
    twice = right.values_list("case_number").annotate(n=Count("pk"))
    _refuse(
        run,
        "case_number",
        twice,
        [
            "ärendenummer",
            _("Ärendenumret finns på flera rader i filen."),
        ],
    )
    differing = right.values_list("identity_number").annotate(
        n=Count("person_digest", distinct=True)
    )
    _refuse(
        run,
        "identity_number",
        differing,
        [
            "personnummer",
            _("Uppgifterna om personen är olika på flera rader i filen."),
        ],
    )


def _refuse(run: ImportRun, field: str, counted: Any, error: list[str]) -> None:
    # Read first: as one statement, PostgreSQL may count anew for every row of a table just filled.
    values = [value for value, _n in counted.filter(n__gt=1)]
    for start in range(0, len(values), BATCH):
        some = {f"{field}__in": values[start : start + BATCH]}
        run.rows.filter(has_errors=False, **some).update(errors=[error], has_errors=True)

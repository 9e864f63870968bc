"""What administrators decide about the night. They see numbers, never whom a number is about."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from messaging.sync import calendar, run
from messaging.sync.gateways.base import Change
from messaging.sync.guard import SYNCED
from messaging.sync.models import SyncRun
from persons.models import NotAllowed, PersonEvent, Switch
from staff import permissions
from staff.models import User
from web import clock


def allow_closings(*, count: int, by: User) -> None:
    """Say that it is right that so many are closed. The run goes on at the next tick of beat.

    Raises NotAllowed when no run asks, or asks about another number than was shown.
    """
    _require_administrator(by)
    asks = SyncRun.objects.filter(state=SyncRun.State.STOPPED, closing_count=count)
    latest = asks.filter(local_date=calendar.ledger_date(clock.now()))
    decided = latest.update(
        closings_allowed=count, closings_allowed_at=clock.now(), closings_allowed_by=by
    )
    if not decided:
        raise NotAllowed(f"no run asks about {count}")


def try_again(*, switch: Switch, by: User) -> Switch:
    """Hand over one row now, also one that has been set aside. Raises run.AlreadyRunning."""
    _require_administrator(by)
    with transaction.atomic():
        waiting = type(switch)._default_manager.dirty().filter(pk=switch.pk)
        if not waiting.update(refused_times=0, refused_on=None):
            raise NotAllowed(f"{switch} has nothing to tell")
        person_id = Change.person_of(switch)
        PersonEvent.objects.create(person_id=person_id, by=by, kind="sync_asked_again")
    run.run_one(switch)
    switch.refresh_from_db()
    return switch


def numbered(number: str) -> Switch | None:
    """The row that a worker told the number of, if it has something to tell."""
    for model in SYNCED:
        letter, key = model.__name__[0], number[1:]
        if number[:1] == letter and key.isascii() and key.isdigit() and len(key) < 19:
            found: Switch | None = model._default_manager.dirty().filter(pk=key).first()
            return found
    return None


def _require_administrator(by: User) -> None:
    if not permissions.may_administer(by):
        raise PermissionDenied

"""What administrators decide about the night. They see numbers, never whom a number is about."""

from typing import Any

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
        was = _set_aside(switch)
        if not waiting.update(refused_times=0, refused_on=None):
            raise NotAllowed(f"{switch} has nothing to tell")
        person_id = Change.person_of(switch)
        kind = "sync_asked_again"
        PersonEvent.objects.create(person_id=person_id, by=by, kind=kind, changes=was)
    run.run_one(switch)
    switch.refresh_from_db()
    return switch


@transaction.atomic
def set_aside_again(*, switch: Switch, by: User) -> None:
    """Undo try_again of a row that had been set aside: the night does not ask. Twice is once.

    Raises NotAllowed when a night, or somebody's correction, has come between.
    """
    _require_administrator(by)
    if switch.is_set_aside:
        return
    was = _set_aside_before(switch)
    same = type(switch)._default_manager.due().filter(pk=switch.pk, version=was["version"])
    if not same.update(refused_times=was["times"], refused_on=was["on"]):
        raise NotAllowed(f"{switch} has been taken or changed since")
    person_id = Change.person_of(switch)
    PersonEvent.objects.create(person_id=person_id, by=by, kind="sync_set_aside_again")


def _set_aside(switch: Switch) -> dict[str, Any]:
    """What must be known to set the row aside again. Nothing: it was not."""
    if not switch.is_set_aside:
        return {}
    on = switch.refused_on.isoformat() if switch.refused_on else None
    facts = {"version": switch.version, "times": switch.refused_times, "on": on}
    return {switch.sync_number: [facts, None]}


def _set_aside_before(switch: Switch) -> dict[str, Any]:
    """As it stood when somebody asked for it, if the night has not come since."""
    tonight = calendar.night_of(calendar.ledger_date(clock.now()))
    asked = PersonEvent.objects.filter(kind="sync_asked_again", at__gte=tonight)
    of_row = asked.filter(person=Change.person_of(switch), changes__has_key=switch.sync_number)
    latest = of_row.order_by("-pk").first()
    if latest is None:
        raise NotAllowed(f"nobody has asked for {switch} since the night")
    facts: dict[str, Any] = latest.changes[switch.sync_number][0]
    return facts


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

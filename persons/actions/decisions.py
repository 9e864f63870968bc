"""May the e-service be on for somebody with protected data? Only `onboarding/protection.py`
imports this: a no shuts what is on."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from persons import permissions
from persons.actions import switch
from persons.models import (
    DecisionRequest,
    EServiceAccount,
    NotAllowed,
    Person,
    PersonEvent,
    ProtectionDecision,
)
from persons.states import SwitchState
from staff.models import User
from web import clock

UNDO_WITHIN = timedelta(minutes=10)


@transaction.atomic
def ask(*, person: Person, reason: str, by: User) -> None:
    """Ask the unit manager. Asking while somebody's question waits is one question."""
    if not permissions.may_open(by, person):
        raise PermissionDenied
    if not person.is_protected:
        raise NotAllowed(f"{person} is not protected")
    waiting, new = DecisionRequest.objects.get_or_create(
        person=person, answered_at=None, defaults={"reason": reason, "asked_by": by}
    )
    if new:
        changes = {"reason": [None, waiting.reason]}
        PersonEvent.objects.create(person=person, by=by, kind="decision_asked", changes=changes)


@transaction.atomic
def decide(*, person: Person, allows: bool, valid_from: date, reason: str, by: User) -> None:
    """Yes, without SMS and e-mail, from a day; or no, which shuts what is on.

    The same decision twice is one decision.
    """
    if not permissions.answers_for(by, person):
        raise PermissionDenied
    account = EServiceAccount.objects.select_for_update().get(person=person)
    locked = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not locked.is_protected:
        raise NotAllowed(f"{person} is not protected")
    new = {"allows_e_service": allows, "valid_from": valid_from, "reason": reason}
    standing = locked.standing_decision
    if standing and {name: getattr(standing, name) for name in new} == new:
        return
    _end(locked)
    ProtectionDecision.objects.create(person=person, decided_by=by, **new)
    DecisionRequest.objects.filter(person=person, answered_at=None).update(answered_at=clock.now())
    changes = {
        "allows_e_service": [standing and standing.allows_e_service, allows],
        "valid_from": [standing and standing.valid_from.isoformat(), valid_from.isoformat()],
        "reason": [standing and standing.reason, reason],
    }
    PersonEvent.objects.create(person=person, by=by, kind="decision_taken", changes=changes)
    if account.messages_enabled and not locked.may_use_e_service(on=clock.today()):
        switch.shut(account=account, by=by)


def can_be_undone(decision: ProtectionDecision, account: EServiceAccount) -> bool:
    """For ten minutes, if nothing has been switched on by it."""
    fresh = decision.ended_at is None and decision.decided_at > clock.now() - UNDO_WITHIN
    return fresh and account.state in {SwitchState.OFF, SwitchState.CLOSING}


@transaction.atomic
def undo(*, person: Person, by: User) -> None:
    """Then nothing is decided: an earlier decision does not come back by itself."""
    if not permissions.answers_for(by, person):
        raise PermissionDenied
    account = EServiceAccount.objects.select_for_update().get(person=person)
    decision = person.standing_decision
    if decision is None or not can_be_undone(decision, account):
        raise NotAllowed(f"{person} has no decision that can be undone")
    _end(person)
    changes = {"allows_e_service": [decision.allows_e_service, None]}
    PersonEvent.objects.create(person=person, by=by, kind="decision_undone", changes=changes)


def _end(person: Person) -> None:
    standing = ProtectionDecision.objects.standing().filter(person=person)
    standing.update(ended_at=clock.now())

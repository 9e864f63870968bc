"""The marking itself. Only `onboarding/protection.py` imports this: it sees to all that follows."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from persons import permissions
from persons.actions import switch
from persons.models import (
    DecisionRequest,
    EServiceAccount,
    MarkingSource,
    NamedAccess,
    NotAllowed,
    Person,
    PersonEvent,
    Protection,
    ProtectionDecision,
)
from staff.models import User
from web import clock


@transaction.atomic
def mark(
    *, person: Person, protection: Protection, source: MarkingSource, reason: str, by: User | None
) -> bool:
    """Write the marking down and shut the person's own e-service. False: it was no news."""
    # The account before the person: a switch-on locks them in that order.
    account = EServiceAccount.objects.select_for_update().filter(person=person).first()
    locked = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not _is_news(locked, protection):
        return False
    Person.objects.filter(pk=person.pk).update(protection=protection)
    changes = {
        "protection": [locked.protection, protection.value],
        "source": [None, source.value],
        "reason": [None, reason],
    }
    PersonEvent.objects.create(person=person, by=by, kind="protection_marked", changes=changes)
    _end_decision(person)
    if account:  # a representative whom we only know from a relation has none
        switch.shut(account=account, by=by)
    person.refresh_from_db(fields=["protection"])
    return True


def _is_news(person: Person, protection: Protection) -> bool:
    """What arrives never lifts a marking, and a failed look-up says nothing of a known one."""
    if protection in {Protection.NONE, person.protection}:
        return False
    return protection != Protection.UNKNOWN or not person.is_protected


@transaction.atomic
def lift(*, person: Person, reason: str, by: User) -> None:
    """Only by hand, by the unit manager, with a reason. Nothing is switched on again by it."""
    if not permissions.answers_for(by, person):
        raise PermissionDenied
    locked = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not locked.is_protected:
        raise NotAllowed(f"{person} is not protected")
    Person.objects.filter(pk=person.pk).update(protection=Protection.NONE)
    changes = {"protection": [locked.protection, Protection.NONE.value], "reason": [None, reason]}
    PersonEvent.objects.create(person=person, by=by, kind="protection_lifted", changes=changes)
    _end_decision(person)
    # Should a marking come back, those who were named before are to be named again.
    standing = NamedAccess.objects.filter(person=person, ended_at=None)
    standing.update(ended_at=clock.now(), ended_by=by)
    person.refresh_from_db(fields=["protection"])


def _end_decision(person: Person) -> None:
    now = clock.now()
    ProtectionDecision.objects.standing().filter(person=person).update(ended_at=now)
    DecisionRequest.objects.filter(person=person, answered_at=None).update(answered_at=now)

"""A marking that arrives takes effect everywhere at once. The only way to set, lift or decide."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from messaging.inbox import actions as inbox
from messaging.notices import actions as notices
from persons import permissions
from persons.actions import decisions, marking
from persons.models import MarkingSource, Person, Protection
from relations import actions as relations
from staff.models import User
from web import clock

lift = marking.lift
ask_for_decision = decisions.ask
undo_decision = decisions.undo
can_be_undone = decisions.can_be_undone


@transaction.atomic
def mark(
    *, person: Person, protection: Protection, source: MarkingSource, reason: str, by: User | None
) -> bool:
    """Protect a person, and stop what is on and under way in the same transaction.

    What another system says is read with `Protection.recognised`, which fails closed. It never
    lifts a marking. By hand it takes somebody who sees the person. False: it was no news.
    The manager's task follows from the rows: nobody is named, and nothing is decided.
    """
    if source == MarkingSource.HAND and not (by and permissions.may_open(by, person)):
        raise PermissionDenied
    new = marking.mark(person=person, protection=protection, source=source, reason=reason, by=by)
    if new:
        _stop_what_is_under_way(person, by=by)
    return new


def _stop_what_is_under_way(person: Person, *, by: User | None) -> None:
    notices.cancel_waiting(person=person, code="protected")
    inbox.withdraw_welcome(person=person, by=by)
    relations.shut_all_of(person=person, by=by)


@transaction.atomic
def decide(*, person: Person, allows: bool, valid_from: date, reason: str, by: User) -> None:
    """May the e-service be on? A no, or a yes that has not come yet, also stops the welcome."""
    decisions.decide(person=person, allows=allows, valid_from=valid_from, reason=reason, by=by)
    if not Person.objects.may_use_e_service(on=clock.today()).filter(pk=person.pk).exists():
        inbox.withdraw_welcome(person=person, by=by)

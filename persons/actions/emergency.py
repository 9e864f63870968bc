"""Nödöppning: opening somebody without a part in the case. For a time, with a reason, reviewed."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from persons import limits, permissions
from persons.models import Case, EmergencyAccess, NotAllowed, Person
from persons.models.emergency_access import EmergencyAccessQuerySet
from persons.search import Kind, Term
from staff.models import User


class CannotOpen(NotAllowed):
    """Nobody, somebody protected or somebody without an open case: never said which."""


def known(term: Term) -> Person | None:
    """For the log alone: whom somebody asked for, whatever the answer was."""
    about = {Kind.IDENTITY_NUMBER: "identity_number__in", Kind.CASE_NUMBER: "cases__number__in"}
    return Person.objects.filter(**{about[term.kind]: _spellings(term)}).first()


@transaction.atomic
def open_person(*, term: Term, reason: str, by: User, now: datetime) -> tuple[Case, bool]:
    """The case, and whether it was opened just now. Raises CannotOpen and limits.TooMuch.

    What the user sees anyway needs no opening: so the second of two presses opens nothing.
    """
    if not permissions.may_open_in_emergency(by):
        raise PermissionDenied
    User.objects.select_for_update().get(pk=by.pk)
    if seen := _case(Case.objects.visible_to(by), term):
        return seen, False
    limits.allow_emergency(by, now=now)
    case = _case(Case.objects.open().unprotected(), term)
    if case is None:
        raise CannotOpen
    until = now + timedelta(hours=settings.EMERGENCY_ACCESS_HOURS)
    EmergencyAccess.objects.create(
        person=case.person, user=by, reason=reason, opened_at=now, open_until=until
    )
    return case, True


def _case(cases: QuerySet[Case], term: Term) -> Case | None:
    about = {Kind.IDENTITY_NUMBER: "person__identity_number__in", Kind.CASE_NUMBER: "number__in"}
    asked = Q(**{about[term.kind]: _spellings(term)})
    return cases.filter(asked).select_related("person").order_by("pk").first()


def _spellings(term: Term) -> set[str]:
    return {term.text, term.text.upper()}


def to_review(user: User) -> EmergencyAccessQuerySet:
    """Openings of people in the units that the user manages. Nobody reviews their own."""
    managed = Case.objects.visible_to(user).filter(unit__in=user.managed_units())
    opened = EmergencyAccess.objects.filter(Exists(managed.filter(person=OuterRef("person"))))
    return opened.exclude(user=user)


@transaction.atomic
def review(*, access: EmergencyAccess, finding: str, by: User, now: datetime) -> None:
    """Say what the opening was for, once. Raises NotAllowed when somebody was before."""
    if not to_review(by).filter(pk=access.pk).exists():
        raise PermissionDenied
    # The filter is the lock: of two simultaneous reviews, one updates no row.
    mine = EmergencyAccess.objects.unreviewed().filter(pk=access.pk)
    if not mine.update(reviewed_by=by, reviewed_at=now, finding=finding):
        raise NotAllowed(f"{access} was reviewed by someone else")

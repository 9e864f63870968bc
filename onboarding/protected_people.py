"""Skyddade personer: whom a unit manager answers for, without saying who they are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.http import Http404
from django.utils.translation import gettext as _

from persons import access_log
from persons.models import (
    AccessLogEntry,
    Case,
    DecisionRequest,
    NamedAccess,
    Person,
    PersonEvent,
    ProtectionDecision,
)
from persons.models.person import PersonQuerySet
from staff.http import UserRequest
from staff.models import User
from web import clock, dates

Action = AccessLogEntry.Action

# Name, number and contact details are never even read.
_COLUMNS = ("number", "unit_id", "person__public_id", "person__protection", "person__deceased_on")


@dataclass(frozen=True)
class ProtectedPerson:
    """A case number, and what the manager has to settle."""

    person: Person
    cases: list[Case]
    since: datetime
    named: list[NamedAccess]

    @property
    def numbers(self) -> str:
        return ", ".join(sorted(case.number for case in self.cases))

    @property
    def is_undecided(self) -> bool:
        return self.person.standing_decision is None

    @property
    def decision(self) -> str:
        decided = self.person.standing_decision
        if decided is None:
            return _("Ta ställning till e-tjänsten")
        if not decided.allows_e_service:
            return _("E-tjänsten ska inte kopplas på")
        day = {"date": dates.in_words(decided.valid_from)}
        return _("Får kopplas på från och med %(date)s, utan sms och mejl") % day

    @property
    def question(self) -> str:
        asked = self.person.waiting_request
        if asked is None:
            return ""
        words = {"who": asked.asked_by, "moment": dates.moment_in_words(asked.asked_at)}
        return _("%(who)s frågade %(moment)s") % words


def of_manager(user: User) -> list[ProtectedPerson]:
    """Those that wait for a decision first, then the latest marked."""
    found = _load(Case.objects.protected_for(user))
    return sorted(found, key=lambda p: (not p.is_undecided, -p.since.timestamp()))


def open_protected(request: UserRequest, person_id: UUID, *, reason: str = "") -> ProtectedPerson:
    """For the manager, unnamed, once the look has been logged. Missing and forbidden are a 404."""
    action = Action.UPDATE if request.method == "POST" else Action.VIEW
    managed = Case.objects.protected_for(request.user).filter(person__public_id=person_id)
    found = _load(managed)
    if not found:
        known = Person.objects.filter(public_id=person_id).first()
        access_log.record_refused(request, action, known)
        raise Http404
    access_log.record(request, action, found[0].cases[0], reason=reason)
    return found[0]


def count_undecided(user: User, *, at_most: int) -> int:
    return _of_units(user).undecided()[:at_most].count()


def count_unseen(user: User) -> int:
    """Those who are in no list of the manager's, because the manager is not named."""
    named = NamedAccess.objects.current(on=clock.today()).filter(user=user)
    return _of_units(user).exclude(pk__in=named.values("person")).count()


def _of_units(user: User) -> PersonQuerySet:
    """Asked of the protected persons, who are few: never of all cases of a unit."""
    if not user.managed_units():
        return Person.objects.none()
    managed = Case.objects.managed_by(user).filter(person=OuterRef("pk"))
    return Person.objects.protected().filter(Exists(managed))


def _load(cases: QuerySet[Case]) -> list[ProtectedPerson]:
    marked = PersonEvent.objects.filter(person=OuterRef("person"), kind="protection_marked")
    read = cases.select_related("person").only(*_COLUMNS, "person__created_at")
    read = read.annotate(since=Subquery(marked.order_by("-at", "-pk").values("at")[:1]))
    of_person: dict[int, list[Case]] = {}
    for case in read.prefetch_related(*_settled()).order_by("pk"):
        of_person.setdefault(case.person_id, []).append(case)
    return [_protected_person(cases) for cases in of_person.values()]


def _settled() -> list[Any]:
    named = NamedAccess.objects.current(on=clock.today()).select_related("user").order_by("pk")
    decisions = ProtectionDecision.objects.standing().select_related("decided_by")
    requests = DecisionRequest.objects.filter(answered_at=None).select_related("asked_by")
    return [
        Prefetch("person__named_access", named),
        Prefetch("person__protection_decisions", decisions),
        Prefetch("person__decision_requests", requests),
    ]


def _protected_person(cases: list[Case]) -> ProtectedPerson:
    person = cases[0].person
    return ProtectedPerson(
        person=person,
        cases=cases,
        # Registered as protected: there was no marking that arrived.
        since=getattr(cases[0], "since", None) or person.created_at,
        named=list(person.named_access.all()),
    )

"""How somebody comes into the register by hand: a worker asks, the unit's manager answers."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from persons import permissions
from persons.actions.cases import CaseDates, CaseDetails, CaseNumberTaken, open_case, wrong_workers
from persons.actions.switch import Incomplete
from persons.models import (
    Case,
    EServiceAccount,
    NotAllowed,
    Person,
    PersonEvent,
    Registration,
)
from staff.models import User
from web import clock

_OF_PERSON = (
    "given_name", "family_name", "mobile", "mobile_e164", "email", "language", "interpreter",
    "protection",
)  # fmt: skip
# What says who it was about.
_FORGOTTEN = ("identity_number", *_OF_PERSON[:-1])


@transaction.atomic
def register(*, registration: Registration, by: User) -> Registration:
    """Ask for somebody to be registered.

    Nothing here depends on whether the person is known: who asks learns it from nothing.
    The same `public_id` twice is one. Raises Incomplete, or CaseNumberTaken.
    """
    if registration.unit not in permissions.own_units(by):
        raise PermissionDenied
    if there := Registration.objects.filter(public_id=registration.public_id, asked_by=by).first():
        return there
    if wrong := _wrong(registration):
        raise Incomplete(wrong)
    if Case.objects.filter(number=registration.number).exists():
        raise CaseNumberTaken
    registration.asked_by = by
    registration.save(force_insert=True)
    return registration


@transaction.atomic
def confirm(*, registration: Registration, by: User) -> Case:
    """Open the case. What is known of the person already is left untouched, a marking too.

    Raises Incomplete, CaseNumberTaken, or NotAllowed when it has been answered.
    """
    case = open_case(
        person=_person(registration, by=by),
        number=registration.number,
        unit=registration.unit,
        details=_details(registration),
        by=by,
    )
    _answer(registration, by=by, case=case)
    return case


@transaction.atomic
def refuse(*, registration: Registration, reason: str, by: User) -> None:
    """Say no, and forget who it was about. Raises NotAllowed when it has been answered."""
    _answer(registration, by=by, refusal=reason)


def _answer(registration: Registration, *, by: User, **answer: Any) -> None:
    if not permissions.may_answer(by, registration):
        raise PermissionDenied
    # The filter is the lock: of two answers, one updates no row.
    waiting = Registration.objects.waiting().filter(pk=registration.pk)
    forgotten = dict.fromkeys(_FORGOTTEN, "")
    if not waiting.update(answered_by=by, answered_at=clock.now(), **answer, **forgotten):
        raise NotAllowed(f"{registration} has been answered")
    registration.refresh_from_db()


def _person(registration: Registration, *, by: User) -> Person:
    facts = {name: getattr(registration, name) for name in _OF_PERSON}
    person, is_new = Person.objects.get_or_create(
        identity_number=registration.identity_number, defaults=facts
    )
    # Who has only acted for others has no account yet.
    EServiceAccount.objects.get_or_create(person=person)
    if is_new:
        PersonEvent.objects.create(person=person, by=by, kind="person_registered")
    return person


def _wrong(registration: Registration) -> list[str]:
    details = _details(registration)
    wrong = list(details.out_of_order(on=clock.today()).values())
    return wrong + wrong_workers(registration.unit, details.case_worker, details.support_contact)


def _details(registration: Registration) -> CaseDetails:
    days = {name: getattr(registration, name) for name in CaseDates().days()}
    return CaseDetails(
        **days,
        case_worker=registration.case_worker,
        support_contact=registration.support_contact,
    )

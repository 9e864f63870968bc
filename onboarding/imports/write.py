"""Writes a planned batch: a handful of statements, whatever the number of rows."""

from collections.abc import Iterable
from typing import Any

from onboarding.imports import markings
from onboarding.imports.plan import Plan, Planned
from persons.models import Case, EServiceAccount, Person, PersonEvent
from persons.models.person import ContactDetails
from staff.models import User

_OF_PERSON = (
    "given_name", "family_name", "sort_key", "given_name_key",
    "mobile", "mobile_e164", "mobile_confirmed_on", "email", "language", "interpreter",
)  # fmt: skip
_OF_CASE = (
    "unit", "case_worker", "support_contact", "investigation_opened_on", "decided_on",
    "executed_on", "closed_on", "version",
)  # fmt: skip
_CONTACT = frozenset(field.name for field in ContactDetails._meta.get_fields())


def write(plan: Plan, *, by: User) -> tuple[list[int], list[int]]:
    """Return the keys of the persons who are new, and of those who were known and changed."""
    changed = [planned for planned in plan.rows if planned.is_new or planned.is_changed]
    known = {planned.person.pk for planned in changed} - {None}
    _write_persons(changed)
    _write_accounts(changed)
    _write_cases(changed)
    markings.arrive(_unique(p.person for p in changed if p.marking and p.person.pk in known), by=by)
    PersonEvent.objects.bulk_create(
        PersonEvent(
            person=planned.person,
            # What is about a case is for those who see the case.
            case=planned.case if planned.of_case else None,
            by=by,
            kind="imported",
            changes=_told(planned),
        )
        for planned in changed
    )
    return sorted({p.person.pk for p in changed} - known), sorted(known)


def _write_persons(changed: list[Planned]) -> None:
    persons = _unique(planned.person for planned in changed if planned.of_person)
    for person in persons:
        person.set_sort_keys()
    _insert_or_update(Person, persons, _OF_PERSON)


def _write_accounts(changed: list[Planned]) -> None:
    accounts = _unique(planned.account for planned in changed)
    for account in accounts:
        account.person_id = account.person.pk
    reached_otherwise = [
        p.account.pk for p in changed if p.account.pk and _CONTACT & {*p.of_person}
    ]
    EServiceAccount.objects.bulk_create(account for account in accounts if account.pk is None)
    EServiceAccount.objects.filter(pk__in=reached_otherwise).facts_changed()


def _write_cases(changed: list[Planned]) -> None:
    cases = [planned.case for planned in changed if planned.of_case]
    for planned in changed:
        planned.case.person_id = planned.person.pk
        # Who has the form open must see what came meanwhile.
        planned.case.version += bool(planned.of_case) and not planned.is_new
    _insert_or_update(Case, cases, _OF_CASE)


def _insert_or_update(model: Any, rows: list[Any], fields: tuple[str, ...]) -> None:
    """A known row is inserted over itself: fifteen times faster than bulk_update."""
    known = [row for row in rows if row.pk]
    model.objects.bulk_create([row for row in rows if not row.pk])
    model.objects.bulk_create(
        known, update_conflicts=True, update_fields=fields, unique_fields=["id"]
    )


def _told(planned: Planned) -> dict[str, list[Any]]:
    """Old and new of everything in one event."""
    number = planned.case.number
    # Which of the person's cases the dates are about.
    case = {"case_number": [None if planned.is_new else number, number]} if planned.of_case else {}
    return case | planned.of_case | planned.of_person | planned.marking


def _unique(rows: Iterable[Any]) -> list[Any]:
    return list({id(row): row for row in rows}.values())

"""What can be done with a case: register, change, hand over, move to another unit, close."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from persons import permissions
from persons.actions.switch import Incomplete, Outdated
from persons.models import Case, Person, PersonEvent
from staff.models import Role, Unit, User
from staff.permissions import holders
from web import clock


class CaseNumberTaken(Incomplete):
    """Another case has the number. Never which: that somebody is known here is itself secret."""

    def __init__(self) -> None:
        super().__init__([_("Ärendenumret finns redan. Kontrollera numret.")])


@dataclass(frozen=True)
class CaseDates:
    investigation_opened_on: date | None = None
    decided_on: date | None = None
    executed_on: date | None = None

    def days(self) -> dict[str, date | None]:
        return {field.name: getattr(self, field.name) for field in fields(CaseDates)}

    def out_of_order(self, *, on: date) -> dict[str, str]:
        """What is wrong, by field, in words for people. Only an execution may be planned."""
        wrong = {}
        opened, decided, executed = self.days().values()
        for name, day in (("investigation_opened_on", opened), ("decided_on", decided)):
            if day and day > on:
                wrong[name] = _("Datumet har inte varit än. Skriv ett datum som har varit.")
        if opened and decided and decided < opened:
            wrong.setdefault("decided_on", _("Beslutet är före utredningen. Kontrollera datumen."))
        if executed and decided and executed < decided:
            wrong["executed_on"] = _("Insatsen är verkställd före beslutet. Kontrollera datumen.")
        elif executed and opened and executed < opened:
            wrong["executed_on"] = _(
                "Insatsen är verkställd före utredningen. Kontrollera datumen."
            )
        return wrong


@dataclass(frozen=True)
class CaseDetails(CaseDates):
    """What staff write about a case: its dates, and whose work it is."""

    case_worker: User | None = None
    support_contact: User | None = None

    def facts(self) -> dict[str, Any]:
        workers = {"case_worker": self.case_worker, "support_contact": self.support_contact}
        return self.days() | workers


def closed_out_of_order(case: Case, closed_on: date, *, on: date) -> str:
    """What is wrong with the day when a case is said to end. Empty: nothing."""
    if closed_on > on:
        return _("Datumet har inte varit än. Skriv ett datum som har varit.")
    days = (case.investigation_opened_on, case.decided_on, case.executed_on)
    if any(day and day > closed_on for day in days):
        return _("Ärendet kan inte avslutas före sina andra datum. Kontrollera datumen.")
    return ""


def wrong_workers(unit: Unit, case_worker: User | None, support_contact: User | None) -> list[str]:
    """The case worker works in the unit; the support contact at any support team. Today."""
    wrong = []
    if case_worker and not holders(Role.CASE_WORKER, units=[unit]).contains(case_worker):
        wrong.append(_("Handläggaren arbetar inte på enheten i dag. Välj en annan."))
    if support_contact and not holders(Role.SUPPORT_CONTACT).contains(support_contact):
        wrong.append(_("Kontaktpersonen har inte den rollen i dag. Välj en annan."))
    return wrong


@transaction.atomic
def register_case(
    *, person: Person, number: str, unit: Unit, details: CaseDetails, by: User
) -> Case:
    """Another case for somebody whose case the user may edit. The same number twice is one.

    Raises Incomplete.
    """
    if not permissions.may_register_case(by, person, unit):
        raise PermissionDenied
    return open_case(person=person, number=number, unit=unit, details=details, by=by)


def open_case(*, person: Person, number: str, unit: Unit, details: CaseDetails, by: User) -> Case:
    """Write the case down. Asks for no right: whoever calls it has."""
    wrong = list(details.out_of_order(on=clock.today()).values())
    wrong += wrong_workers(unit, details.case_worker, details.support_contact)
    if wrong:
        raise Incomplete(wrong)
    facts = details.facts()
    case, is_new = Case.objects.get_or_create(
        number=number, defaults={"person": person, "unit": unit, **facts}
    )
    if is_new:
        changes = _changes(Case(), {"number": number, "unit": unit, **facts})
        _note(case, "case_registered", by=by, changes=changes)
    elif (case.person_id, case.unit_id, case.closed_on) != (person.pk, unit.pk, None):
        raise CaseNumberTaken
    return case


@transaction.atomic
def change_case(*, case: Case, details: CaseDetails, seen_version: int, by: User) -> None:
    """Change the dates, and give the case to others. Saving the same thing twice is one change.

    Raises Incomplete, or Outdated when the case changed after `seen_version`.
    """
    facts = details.facts()
    given = any(getattr(case, name) != facts[name] for name in ("case_worker", "support_contact"))
    may = permissions.may_assign_case if given else permissions.may_edit_case
    if not may(by, case):
        raise PermissionDenied
    if not (changes := _changes(case, facts)):
        return
    wrong = list(details.out_of_order(on=clock.today()).values())
    # Who has the case already keeps it: only who is given it must have the role today.
    wrong += wrong_workers(
        case.unit,
        details.case_worker if "case_worker" in changes else None,
        details.support_contact if "support_contact" in changes else None,
    )
    if wrong:
        raise Incomplete(wrong)
    _change(case, seen_version, facts)
    _note(case, "case_changed", by=by, changes=changes)


@transaction.atomic
def transfer_case(
    *, case: Case, unit: Unit, case_worker: User | None, seen_version: int, by: User
) -> None:
    """Move the case to another unit, whose manager sees it from then on. The contact stays.

    Without a case worker it waits for the manager there to choose one. Raises Incomplete or
    Outdated.
    """
    if case.unit == unit and case.case_worker == case_worker:
        return
    if not permissions.may_assign_case(by, case):
        raise PermissionDenied
    if wrong := wrong_workers(unit, case_worker, None):
        raise Incomplete(wrong)
    facts = {"unit": unit, "case_worker": case_worker}
    changes = _changes(case, facts)
    _change(case, seen_version, facts)
    _note(case, "case_transferred", by=by, changes=changes)


@transaction.atomic
def close_case(*, case: Case, closed_on: date, seen_version: int, by: User) -> None:
    """End the case, and with it the right to see the person that it gave.

    What only this case gave is closed with it by the floor that knows what that is.
    Raises Incomplete or Outdated.
    """
    if not permissions.may_assign_case(by, case):
        raise PermissionDenied
    if wrong := closed_out_of_order(case, closed_on, on=clock.today()):
        raise Incomplete([wrong])
    _change(case, seen_version, {"closed_on": closed_on})
    _note(case, "case_closed", by=by, changes={"closed_on": [None, closed_on.isoformat()]})


def _change(case: Case, seen_version: int, facts: dict[str, Any]) -> None:
    if case.version != seen_version:
        raise Outdated(f"{case} is at version {case.version}")
    case.change(seen_version=seen_version, **facts)


def _changes(case: Case, new: dict[str, Any]) -> dict[str, list[Any]]:
    """Old and new, as history keeps them: a day as text, a colleague or a unit by name."""
    old = {name: _known(case, name) for name in new}
    return {
        name: [_plain(old[name]), _plain(value)]
        for name, value in new.items()
        # By the row, not by the name: two colleagues may have the same.
        if old[name] != value
    }


def _known(case: Case, name: str) -> Any:
    """A case that is not written yet has no unit to ask for."""
    return None if case.pk is None else getattr(case, name)


def _plain(value: Any) -> Any:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)


def _note(case: Case, kind: str, *, by: User, changes: dict[str, list[Any]]) -> None:
    PersonEvent.objects.create(person=case.person, case=case, by=by, kind=kind, changes=changes)

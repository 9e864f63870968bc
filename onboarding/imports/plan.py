"""What a batch of rows would change, compared with what is known. Nothing is written here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from onboarding.imports.models import ImportRow
from persons.models import Case, EServiceAccount, Person, Protection
from persons.models.case import ASSIGNED
from staff.models import Membership, Unit
from web import clock

_COLUMN_OF = {"case_worker": "handläggare", "support_contact": "kontaktperson"}
_DAYS = ("investigation_opened_on", "decided_on", "executed_on", "closed_on")


class Refused(ValueError):
    """The row cannot be applied: which column, and what to do about it."""

    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.column = column


@dataclass(frozen=True)
class Staff:
    """Units and roles of today, by the words that a file has for them."""

    units: dict[str, int]
    workers: dict[tuple[str, str], int]

    @classmethod
    def today(cls) -> "Staff":
        current = Membership.objects.current(on=clock.today()).filter(user__is_active=True)
        held = current.values_list("role", "user__email", "user_id")
        units = Unit.objects.values_list("name", "pk")
        return cls(dict(units), {(role, email): user for role, email, user in held})

    def unit(self, name: str) -> int:
        try:
            return self.units[name]
        except KeyError:
            raise Refused("enhet", _("Det finns ingen enhet med det namnet.")) from None

    def worker(self, column: str, email: str) -> int:
        try:
            return self.workers[ASSIGNED[column], email.lower()]
        except KeyError:
            raise Refused(
                _COLUMN_OF[column], _("Ingen med den e-postadressen har rollen i dag.")
            ) from None


@dataclass
class Planned:
    """A row with the rows of the register as they will be, and what is new in them."""

    person: Person
    account: EServiceAccount
    case: Case
    is_new: bool
    # Old and new of each field. Nobody's marking is ever lifted.
    marking: dict[str, list[Any]]
    of_person: dict[str, list[Any]]
    of_case: dict[str, list[Any]]

    @property
    def is_changed(self) -> bool:
        return bool(self.of_person or self.of_case or self.marking)


@dataclass
class Plan:
    rows: list[Planned] = field(default_factory=list)
    errors: list[list[Any]] = field(default_factory=list)  # [row, column, text]

    @property
    def known_persons(self) -> list[int]:
        return sorted({row.person.pk for row in self.rows if row.person.pk})


class Known:
    """What is known of those whom a batch is about: read in three queries, and locked if asked."""

    def __init__(self, rows: Sequence[ImportRow], *, lock: bool) -> None:
        numbers = {row.identity_number for row in rows}
        accounts = EServiceAccount.objects.filter(person__identity_number__in=numbers)
        persons = Person.objects.filter(identity_number__in=numbers)
        cases = Case.objects.filter(number__in={row.case_number for row in rows})
        if lock:
            accounts = accounts.select_for_update(no_key=True, of=("self",))
            persons = persons.select_for_update(no_key=True)
            cases = cases.select_for_update(no_key=True)
        # The account before the person: so does who switches somebody on.
        self.accounts = {account.person_id: account for account in accounts.order_by("pk")}
        self.persons = {person.identity_number: person for person in persons.order_by("pk")}
        self.cases = {case.number: case for case in cases.order_by("pk")}


def make(rows: Sequence[ImportRow], staff: Staff, *, lock: bool = False) -> Plan:
    plan, known = Plan(), Known(rows, lock=lock)
    for row in rows:
        try:
            plan.rows.append(_planned(row, known, staff))
        except Refused as error:
            plan.errors.append([row.number, error.column, str(error)])
    return plan


def markings(rows: Sequence[ImportRow]) -> list[Person]:
    """Known persons of whom the rows say more than we knew, with the marking that arrives."""
    known = Known(rows, lock=True)
    pairs = ((row, known.persons.get(row.identity_number)) for row in rows)
    return list({p.pk: p for row, p in pairs if p and _marking(row, p)}.values())


def _planned(row: ImportRow, known: Known, staff: Staff) -> Planned:
    facts = _facts_of_case(row, staff)
    person = known.persons.get(row.identity_number)
    case = known.cases.get(row.case_number)
    if case and (person is None or case.person_id != person.pk):
        raise Refused("ärendenummer", _("Ärendenumret tillhör en annan person i registret."))
    case = case or Case(number=row.case_number)
    _require_order(case, facts)
    of_case = _change_case(case, facts)
    if person is None:
        # Kept: the next row may be about another case of the same person.
        person = Person(identity_number=row.identity_number, protection=Protection.NONE)
        known.persons[row.identity_number] = person
        person.account = EServiceAccount(person=person)
    account = known.accounts.get(person.pk) or _account_of(person)
    return Planned(
        person,
        account,
        case,
        is_new=case.pk is None,
        marking=_marking(row, person),
        of_person=_set(person, _facts_of_person(row, person)),
        of_case=of_case,
    )


def _change_case(case: Case, facts: dict[str, Any]) -> dict[str, list[Any]]:
    was_closed = case.closed_on is not None
    changes = _set(case, facts)
    if was_closed and changes:
        raise Refused("ärendenummer", _("Ärendet är avslutat i registret och ändras inte."))
    return changes


def _account_of(person: Person) -> EServiceAccount:
    """A person who has only acted for others has none yet."""
    if "account" not in person._state.fields_cache:
        person.account = EServiceAccount(person=person)
    return person.account


def _facts_of_person(row: ImportRow, person: Person) -> dict[str, Any]:
    facts: dict[str, Any] = dict(row.person)
    if "mobile_e164" in facts:
        if facts["mobile_e164"] == person.mobile_e164:
            # The same number, written otherwise: what staff typed stays.
            del facts["mobile"], facts["mobile_e164"]
        else:
            facts["mobile_confirmed_on"] = None
    return facts


def _facts_of_case(row: ImportRow, staff: Staff) -> dict[str, Any]:
    facts: dict[str, Any] = {"unit_id": staff.unit(row.case["unit"])}
    for column in ASSIGNED:
        if email := row.case.get(column):
            facts[f"{column}_id"] = staff.worker(column, email)
    for name in _DAYS:
        if day := row.case.get(name):
            facts[name] = date.fromisoformat(day)
    return facts


def _require_order(case: Case, facts: dict[str, Any]) -> None:
    """A date from the file beside one that we have."""
    decided = facts.get("decided_on", case.decided_on)
    executed = facts.get("executed_on", case.executed_on)
    if decided and executed and executed < decided:
        raise Refused("verkställd", _("Insatsen är verkställd före beslutet."))


def _marking(row: ImportRow, person: Person) -> dict[str, list[Any]]:
    """The marking that arrives with this row."""
    old, new = person.protection, row.protection
    says_nothing = new == Protection.UNKNOWN and person.is_protected
    if new in {Protection.NONE, old} or says_nothing:
        return {}
    person.protection = new
    return {"protection": [old, new]}


def _set(row: Person | Case, facts: dict[str, Any]) -> dict[str, list[Any]]:
    """Change what differs, and return old and new as JSON keeps them."""
    changes = {}
    for name, new in facts.items():
        old = getattr(row, name)
        if old != new:
            changes[name] = [_plain(old), _plain(new)]
            setattr(row, name, new)
    return changes


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value

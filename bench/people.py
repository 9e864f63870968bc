"""A register full of people who cannot be: all of them were born in the 19th century."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import cycle, islice
from typing import Any

from messaging.inbox.models import Message
from messaging.notices.models import Channel, Notice
from messaging.notices.states import NoticeState
from messaging.wording.kinds import Kind
from persons import identity_number
from persons.models import (
    AccessLogEntry,
    AccessLogListed,
    Case,
    EServiceAccount,
    Person,
    Protection,
    Wish,
)
from persons.states import SwitchState
from relations.models import RelationsAnswer
from staff.models import Membership, Role, Unit, User
from web import clock

EACH = 40  # people of one contact person
BATCH = 2_000
LOOKS = 3
CONTACT = "contact0@koppla.example"
DAYS = 36_500  # of the century

GIVEN = ("Amina", "Björn", "Cecilia", "Davod", "Elsa", "Farid", "Gun", "Hodan", "Ivar")
FAMILY = ("Exempel", "Provsson", "Testlund", "Åskådlig", "Ögonskenlig", "Mallberg", "Påhittad")


@dataclass(frozen=True)
class Situation:
    """How far a person has come."""

    account: dict[str, Any] = field(default_factory=dict)
    protection: Protection = Protection.NONE
    welcome: Message.State | None = None
    notices: NoticeState = NoticeState.DELIVERED
    has_written: bool = False
    relations_answered: bool = False


_TODAY = clock.today()
_WEEK_AGO = clock.now() - timedelta(days=7)
_YES = {"wish": Wish.YES, "wish_on": _TODAY, "messages_enabled": True, "notify_by_sms": True}
_PENDING = _YES | {"state": SwitchState.PENDING, "version": 1, "switched_on_at": _WEEK_AGO}
_ACTIVE = _PENDING | {
    "state": SwitchState.ACTIVE,
    "sent_version": 1,
    "synced_version": 1,
    "usable_from": _TODAY - timedelta(days=6),
}
_SIGNED_IN = _ACTIVE | {"first_signed_in_at": _WEEK_AGO}
_REFUSED = {"state": SwitchState.FAILED, "sent_version": 1, "refusal": "Prata med enhetschefen."}
READABLE = Message.State.READABLE

SITUATIONS = (
    Situation(),
    Situation({"wish": Wish.NO, "wish_on": _TODAY, "ask_again_on": _TODAY + timedelta(days=90)}),
    Situation(protection=Protection.CONFIDENTIALITY_MARKING),
    Situation(_PENDING),
    Situation(_PENDING, welcome=Message.State.SCHEDULED),
    Situation(_PENDING | _REFUSED),
    Situation(_ACTIVE),
    Situation(_ACTIVE, welcome=Message.State.SCHEDULED),
    Situation(_ACTIVE, welcome=READABLE),
    Situation(_ACTIVE, welcome=READABLE, notices=NoticeState.UNDELIVERED),
    Situation(_SIGNED_IN, welcome=READABLE),
    Situation(_SIGNED_IN, welcome=READABLE, has_written=True, relations_answered=True),
)


def fill(rows: int) -> None:
    """So many people; each contact person has 40 of them, spread over the whole register."""
    contacts, unit = _contacts(max(1, rows // EACH))
    numbers = iter(range(rows))
    while chunk := list(islice(numbers, BATCH)):
        # Each contact person has somebody in every situation.
        turns = [(n, SITUATIONS[n // len(contacts) % len(SITUATIONS)]) for n in chunk]
        persons = _create(Person, (_person(n, situation) for n, situation in turns))
        cases = [
            _case(n, person, contacts[n % len(contacts)], unit, late=n // len(contacts))
            for n, person in zip(chunk, persons, strict=True)
        ]
        _create(Case, cases)
        _log(persons, contacts)
        for model, rows_of in _OF_PERSON.items():
            known = zip(turns, persons, strict=True)
            _create(
                model, (row for (_, s), person in known for row in rows_of(s, person, contacts[0]))
            )


def contact() -> User:
    """Whose 40 people are measured."""
    return User.objects.get(email=CONTACT)


def manager() -> User:
    """Of the unit that everybody in the register belongs to."""
    return _colleague("manager@koppla.example", Role.UNIT_MANAGER)


def administrator() -> User:
    return _colleague("administrator@koppla.example", Role.SYSTEM_ADMIN)


def _colleague(email: str, role: Role) -> User:
    user, made = User.objects.get_or_create(email=email)
    if made:
        part = {"role": role, "valid_from": date(2020, 1, 1)}
        Membership.objects.create(user=user, unit=Unit.objects.get(), **part)
    return user


def _contacts(number: int) -> tuple[list[User], Unit]:
    unit = Unit.objects.create(name="Stödteamet", kind=Unit.Kind.SUPPORT_TEAM)
    users = _create(
        User,
        (
            User(email=f"contact{n}@koppla.example", first_name="Karin", last_name="Ek")
            for n in range(number)
        ),
    )
    role = {"unit": unit, "role": Role.SUPPORT_CONTACT, "valid_from": date(2020, 1, 1)}
    _create(Membership, (Membership(user=user, **role) for user in users))
    return users, unit


def _person(n: int, situation: Situation) -> Person:
    given, family = GIVEN[n % len(GIVEN)], f"{FAMILY[n % len(FAMILY)]}-{n}"
    born = date(1800, 1, 1) + timedelta(days=n % DAYS)
    eleven = f"{born:%Y%m%d}{n // DAYS + 1:03}"
    # Published for fiction: 070-174 06 05 to 070-174 06 99.
    last = 5 + n % 95
    person = Person(
        identity_number=f"{eleven}{identity_number.check_digit(eleven[2:])}",
        given_name=given,
        family_name=family,
        protection=situation.protection,
        mobile=f"070-174 06 {last:02}",
        mobile_e164=f"+467017406{last:02}",
        email=f"person{n}@koppla.example",
    )
    person.set_sort_keys()
    return person


def _case(n: int, person: Person, contact: User, unit: Unit, *, late: int) -> Case:
    return Case(
        person=person,
        number=f"1899-{n}",
        unit=unit,
        support_contact=contact,
        decided_on=_TODAY - timedelta(days=late % 20 + 7),
        executed_on=_TODAY - timedelta(days=late % 7),
    )


def _log(persons: list[Person], contacts: list[User]) -> None:
    """Each has been opened some times, and has stood in a list with others."""
    view = {"action": AccessLogEntry.Action.VIEW, "view": "person", "at": _WEEK_AGO}
    looks = ({"person": person} | view for person in persons for _ in range(LOOKS))
    shown = [persons[n : n + EACH] for n in range(0, len(persons), EACH)]
    list_ = {"action": AccessLogEntry.Action.LIST, "view": "start", "at": _WEEK_AGO}
    lists = ({"listed": [person.pk for person in some]} | list_ for some in shown)
    users = cycle(contacts[:BATCH])
    _create(AccessLogEntry, (AccessLogEntry(user=next(users), **look) for look in looks))
    entries = _create(AccessLogEntry, (AccessLogEntry(user=next(users), **one) for one in lists))
    _create(
        AccessLogListed,
        (
            AccessLogListed(entry=entry, person=person, at=entry.at)
            for entry, some in zip(entries, shown, strict=True)
            for person in some
        ),
    )


def _accounts(situation: Situation, person: Person, by: User) -> Iterator[EServiceAccount]:
    switched = {"switched_on_by": by} if "switched_on_at" in situation.account else {}
    yield EServiceAccount(person=person, **situation.account, **switched)


def _messages(situation: Situation, person: Person, by: User) -> Iterator[Message]:
    text = {"person": person, "subject": "Välkommen", "body": "Hej! " * 200}
    readable = {"state": READABLE, "readable_at": _WEEK_AGO}
    letter = text | readable | {"kind": Message.Kind.LETTER}
    if situation.welcome:
        state = readable if situation.welcome == READABLE else {"state": situation.welcome}
        yield Message(kind=Message.Kind.WELCOME, written_by=by, **text, **state)
    if situation.has_written:
        yield Message(from_person=True, **letter)
        yield Message(written_by=by, **letter)


def _notices(situation: Situation, person: Person, by: User) -> Iterator[Notice]:
    addresses = {Channel.SMS: person.mobile_e164, Channel.EMAIL: person.email}
    for channel, address in addresses.items() if situation.welcome == READABLE else ():
        yield Notice(
            dedupe_key=f"welcome:person {person.pk}:{channel}",
            kind=Kind.WELCOME,
            channel=channel,
            person=person,
            address=address,
            sender="Kommunen",
            text="Du har ett nytt meddelande. " * 5,
            state=situation.notices,
            attempt=1,
            settled_at=_WEEK_AGO,
            created_by=by,
        )


def _answers(situation: Situation, person: Person, by: User) -> Iterator[RelationsAnswer]:
    if situation.relations_answered:
        yield RelationsAnswer(person=person, answer=RelationsAnswer.Answer.NO, by=by)


_OF_PERSON: dict[Any, Callable[[Situation, Person, User], Iterator[Any]]] = {
    EServiceAccount: _accounts,
    Message: _messages,
    Notice: _notices,
    RelationsAnswer: _answers,
}


def _create(model: Any, rows: Iterable[Any]) -> list[Any]:
    made: list[Any] = model.objects.bulk_create(list(rows), batch_size=BATCH)
    return made

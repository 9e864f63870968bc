"""A register full of people who cannot be: all of them were born in the 19th century."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain, cycle
from typing import Any

from bench.rows import Row, pattern, write
from messaging.inbox.models import Message
from messaging.notices.models import Channel, Notice
from messaging.notices.states import NoticeState
from messaging.wording.kinds import Kind
from persons import identity_number, swedish_order
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
    # Each contact person has somebody in every situation.
    turns = [SITUATIONS[n // len(contacts) % len(SITUATIONS)] for n in range(rows)]
    write(Person, _persons(turns))
    write(Case, _cases(rows, contacts, unit))
    write(AccessLogEntry, chain(_looks(rows, contacts), _lists(rows, contacts)))
    write(AccessLogListed, _listed(rows))
    for model, rows_of in _OF_PERSON.items():
        write(model, _of_persons(turns, rows_of, by=contacts[0]))


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
    users = User.objects.bulk_create(
        User(email=f"contact{n}@koppla.example", first_name="Karin", last_name="Ek")
        for n in range(number)
    )
    role = {"unit": unit, "role": Role.SUPPORT_CONTACT, "valid_from": date(2020, 1, 1)}
    Membership.objects.bulk_create(Membership(user=user, **role) for user in users)
    return users, unit


def _persons(turns: list[Situation]) -> Iterator[Row]:
    patterns = {kind: pattern(Person(protection=kind)) for kind in Protection}
    for n, situation in enumerate(turns):
        given, family = GIVEN[n % len(GIVEN)], f"{FAMILY[n % len(FAMILY)]}-{n}"
        born = date(1800, 1, 1) + timedelta(days=n % DAYS)
        eleven = f"{born:%Y%m%d}{n // DAYS + 1:03}"
        yield patterns[situation.protection] | {
            "identity_number": f"{eleven}{identity_number.check_digit(eleven[2:])}",
            "given_name": given,
            "family_name": family,
            "sort_key": swedish_order.sort_key(family, given),
            "given_name_key": swedish_order.sort_key(given, family),
            "mobile": f"070-174 06 {_last(n)}",
            "mobile_e164": _mobile(n),
            "email": _email(n),
        }


def _last(n: int) -> str:
    """Published for fiction: 070-174 06 05 to 070-174 06 99."""
    return f"{5 + n % 95:02}"


def _mobile(n: int) -> str:
    return f"+467017406{_last(n)}"


def _email(n: int) -> str:
    return f"person{n}@koppla.example"


def _cases(rows: int, contacts: list[User], unit: Unit) -> Iterator[Row]:
    # Lately decided and executed, each on another day.
    days = [
        pattern(
            Case(
                unit=unit,
                decided_on=_TODAY - timedelta(days=late % 20 + 7),
                executed_on=_TODAY - timedelta(days=late % 7),
            )
        )
        for late in range(140)
    ]
    for n in range(rows):
        late, contact = divmod(n, len(contacts))
        yield days[late % len(days)] | {
            "person_id": n + 1,
            "number": f"1899-{n}",
            "support_contact_id": contacts[contact].pk,
        }


def _looks(rows: int, contacts: list[User]) -> Iterator[Row]:
    """Each has been opened some times."""
    look = pattern(AccessLogEntry(action=AccessLogEntry.Action.VIEW, view="person", at=_WEEK_AGO))
    users = cycle(contacts)
    for n in range(rows):
        for _ in range(LOOKS):
            yield look | {"person_id": n + 1, "user_id": next(users).pk}


def _lists(rows: int, contacts: list[User]) -> Iterator[Row]:
    """Each has stood in a list with others."""
    users = cycle(contacts)
    for first in range(0, rows, EACH):
        shown = list(range(first + 1, min(first + EACH, rows) + 1))
        one = {"action": AccessLogEntry.Action.LIST, "view": "start", "at": _WEEK_AGO}
        yield pattern(AccessLogEntry(user=next(users), listed=shown, **one))


def _listed(rows: int) -> Iterator[Row]:
    of_person = pattern(AccessLogListed(at=_WEEK_AGO))
    for n in range(rows):
        yield of_person | {"entry_id": rows * LOOKS + n // EACH + 1, "person_id": n + 1}


def _of_persons(
    turns: list[Situation], rows_of: Callable[[Situation, User], Iterator[Any]], *, by: User
) -> Iterator[Row]:
    patterns = [[pattern(row) for row in rows_of(situation, by)] for situation in SITUATIONS]
    known = {id(situation): rows for situation, rows in zip(SITUATIONS, patterns, strict=True)}
    for n, situation in enumerate(turns):
        for row in known[id(situation)]:
            yield row | {"person_id": n + 1} | _addressed(row, n)


def _addressed(row: Row, n: int) -> Row:
    """A notice is to one address, and never twice about the same."""
    if "dedupe_key" not in row:
        return {}
    address = _mobile(n) if row["channel"] == Channel.SMS else _email(n)
    return {"address": address, "dedupe_key": f"welcome:person {n + 1}:{row['channel']}"}


def _accounts(situation: Situation, by: User) -> Iterator[EServiceAccount]:
    switched = {"switched_on_by": by} if "switched_on_at" in situation.account else {}
    yield EServiceAccount(**situation.account, **switched)


def _messages(situation: Situation, by: User) -> Iterator[Message]:
    text = {"subject": "Välkommen", "body": "Hej! " * 200}
    readable = {"state": READABLE, "readable_at": _WEEK_AGO}
    letter = text | readable | {"kind": Message.Kind.LETTER}
    if situation.welcome:
        state = readable if situation.welcome == READABLE else {"state": situation.welcome}
        yield Message(kind=Message.Kind.WELCOME, written_by=by, **text, **state)
    if situation.has_written:
        yield Message(from_person=True, **letter)
        yield Message(written_by=by, **letter)


def _notices(situation: Situation, by: User) -> Iterator[Notice]:
    for channel in (Channel.SMS, Channel.EMAIL) if situation.welcome == READABLE else ():
        yield Notice(
            kind=Kind.WELCOME,
            channel=channel,
            sender="Kommunen",
            text="Du har ett nytt meddelande. " * 5,
            state=situation.notices,
            attempt=1,
            settled_at=_WEEK_AGO,
            created_by=by,
        )


def _answers(situation: Situation, by: User) -> Iterator[RelationsAnswer]:
    if situation.relations_answered:
        yield RelationsAnswer(answer=RelationsAnswer.Answer.NO, by=by)


_OF_PERSON: dict[Any, Callable[[Situation, User], Iterator[Any]]] = {
    EServiceAccount: _accounts,
    Message: _messages,
    Notice: _notices,
    RelationsAnswer: _answers,
}

"""Whose time has passed, and what hinders that they are disposed of.

Socialtjänstförordningen (2025:468) 13 kap. 1 §, socialtjänstlagen (2025:400) 17 kap. 5 §.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Substr
from django.db.models.lookups import In

from messaging.inbox.models import Message
from messaging.notices.models import Notice
from messaging.notices.states import IN_FLIGHT, NoticeState
from onboarding.imports.models import ImportRow
from persons.models import (
    Case,
    DecisionRequest,
    EmergencyAccess,
    EServiceAccount,
    Person,
    Registration,
)
from persons.states import SwitchState
from relations.models import Relation
from web import dates

YEARS = 5


# As they stand in the number: a samordningsnummer has the day plus 60.
_DAYS = {f"{day + more:02}" for day in range(1, 32) for more in (0, 60)}
_KEPT_DAYS = {f"{day + more:02}" for day in (5, 15, 25) for more in (0, 60)}


def limit(today: date) -> date:
    """Who has had no case on this day or later is out of time."""
    return dates.years_before(today, YEARS)


def out_of_time(before: date) -> QuerySet[Person]:
    """The last case that was closed was closed before this day. One may be open again."""
    cases = Case.objects.filter(person=OuterRef("pk"))
    return Person.objects.filter(
        Exists(cases.filter(closed_on__lt=before)), ~Exists(cases.filter(closed_on__gte=before))
    )


def _born_on(days: set[str]) -> Q:
    return Q(In(Substr("identity_number", 7, 2), sorted(days)))


def kept_for_research(before: date) -> QuerySet[Person]:
    return out_of_time(before).filter(_born_on(_KEPT_DAYS))


def without_birthday(before: date) -> QuerySet[Person]:
    """A temporary number says no day: somebody must look."""
    return out_of_time(before).exclude(_born_on(_DAYS))


def due(before: date) -> QuerySet[Person]:
    return out_of_time(before).filter(_born_on(_DAYS - _KEPT_DAYS))


def ready(before: date) -> QuerySet[Person]:
    return due(before).filter(*_none_of(HINDRANCES))


def _none_of(hindrances: Mapping[str, Exists]) -> Iterator[Q]:
    """One by one: "not (a or b)" would have PostgreSQL ask them of each person in turn."""
    return (~Q(hindrance) for hindrance in hindrances.values())


def without_a_file(before: date, *, leaving: QuerySet[Person]) -> QuerySet[Person]:
    """Who has only acted for others goes with the last file that names them.

    It is not their own file, so their own birthday keeps nothing.
    """
    remains = Relation.objects.filter(representative=OuterRef("pk")).exclude(principal__in=leaving)
    never = {name: row for name, row in HINDRANCES.items() if name != _REPRESENTS}
    return Person.objects.filter(
        ~Exists(Case.objects.filter(person=OuterRef("pk"))),
        ~Exists(Relation.objects.filter(principal=OuterRef("pk"))),
        ~Exists(remains),
        *_none_of(never),
        created_at__date__lt=before,
    )


# Said of those who are hindered, with how many they are.
_REPRESENTS = "företräder någon vars uppgifter finns kvar"
_PERSON = OuterRef("pk")
_NUMBER = OuterRef("identity_number")
_CASE_NUMBERS = Case.objects.filter(person=OuterRef(OuterRef("pk"))).values("number")
HINDRANCES: dict[str, Exists] = {
    "har ett öppet ärende": Exists(Case.objects.open().filter(person=_PERSON)),
    "har ett e-tjänstekonto som inte är avstängt": Exists(
        EServiceAccount.objects.filter(person=_PERSON).exclude(state=SwitchState.OFF)
    ),
    "har en relation som inte är avstängd": Exists(
        Relation.objects.filter(principal=_PERSON).exclude(state=SwitchState.OFF)
    ),
    _REPRESENTS: Exists(Relation.objects.filter(representative=_PERSON)),
    "väntar på beslut om skyddade personuppgifter": Exists(
        DecisionRequest.objects.filter(person=_PERSON, answered_at=None)
    ),
    "har öppnats utan uppdrag, och det är inte granskat": Exists(
        EmergencyAccess.objects.unreviewed().filter(person=_PERSON)
    ),
    "har ett sms eller mejl på väg": Exists(
        Notice.objects.filter(person=_PERSON, state__in=[NoticeState.QUEUED, *sorted(IN_FLIGHT)])
    ),
    "har ett meddelande som väntar": Exists(
        Message.objects.filter(person=_PERSON, state=Message.State.SCHEDULED)
    ),
    "finns i en import som inte är klar": Exists(
        ImportRow.objects.filter(Q(identity_number=_NUMBER) | Q(case_number__in=_CASE_NUMBERS))
    ),
    "finns i en registrering som inte är besvarad": Exists(
        Registration.objects.waiting().filter(identity_number=_NUMBER)
    ),
}

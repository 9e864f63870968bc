"""An office on Monday 23 November 2026, with one support contact who is signed in."""

from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
import time_machine

from messaging.sheet import document, published
from messaging.sheet.models import SheetVersion
from persons.models import Person
from staff.models import Municipality, Role, Unit, User
from tests.factories import (
    CaseFactory,
    PersonFactory,
    SheetVersionFactory,
    SyncRunFactory,
    UnitFactory,
    UserFactory,
)

MONDAY = datetime(2026, 11, 23, 10, 42, tzinfo=ZoneInfo("Europe/Stockholm"))


@pytest.fixture
def monday():
    """The night before has been run."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office(db, monday) -> Unit:
    municipality = Municipality.load()
    municipality.name = "Söderköpings kommun"
    municipality.website = "soderkoping.se"
    municipality.save()
    SyncRunFactory()
    return UnitFactory(name="Stödteamet")


@pytest.fixture
def sheet(office) -> SheetVersion:
    """Today's wording, as if it had been rendered before."""
    html = document.standalone(published.find(), municipality=Municipality.load())
    return SheetVersionFactory(digest=sha256(html.encode()).hexdigest())


@pytest.fixture
def karin(office) -> User:
    return UserFactory(role=Role.SUPPORT_CONTACT, unit=office, phone="0121-181 10")


@pytest.fixture
def signed_in(client, karin):
    client.force_login(karin)
    return client


@pytest.fixture
def stranger(client, office):
    """A colleague in the same unit and role, who does not work with the person."""
    client.force_login(UserFactory(role=Role.SUPPORT_CONTACT, unit=office))
    return client


def person_of(user: User, **facts) -> Person:
    """Someone for whom the user is support contact."""
    case = facts.pop("case", {})
    person = PersonFactory(**facts)
    CaseFactory(person=person, support_contact=user, **case)
    return person


@pytest.fixture
def amina(karin) -> Person:
    """Not switched on."""
    return person_of(karin, given_name="Amina", family_name="Exempel")

from datetime import date, timedelta

import pytest

from onboarding.imports.models import ImportRow, ImportRun
from onboarding.retention import policy
from persons.models import Person, Registration
from tests.factories import (
    AccountFactory,
    CaseFactory,
    DecisionRequestFactory,
    EmergencyAccessFactory,
    MessageFactory,
    NoticeFactory,
    PersonFactory,
    RelationFactory,
    UnitFactory,
    UserFactory,
)
from web import clock

pytestmark = pytest.mark.django_db

LIMIT = date(2021, 11, 24)
LONG_AGO = LIMIT - timedelta(days=1)


def closed_long_ago(**facts) -> Person:
    person = PersonFactory(**{"identity_number": "199801022394"} | facts)
    CaseFactory(person=person, closed_on=LONG_AGO)
    return person


def hindered(person: Person) -> list[str]:
    of = Person.objects.filter(pk=person.pk)
    return [name for name, hindrance in policy.HINDRANCES.items() if of.filter(hindrance).exists()]


class TestLimit:
    def test_is_the_same_day_five_years_ago(self):
        assert policy.limit(date(2026, 11, 24)) == LIMIT

    def test_has_an_answer_on_the_day_that_few_years_have(self):
        assert policy.limit(date(2028, 2, 29)) == date(2023, 2, 28)


class TestReady:
    def test_is_whoever_had_the_last_case_closed_five_years_ago(self):
        person = closed_long_ago()

        assert list(policy.ready(LIMIT)) == [person]

    def test_is_not_who_has_had_another_case_since(self):
        CaseFactory(person=closed_long_ago(), closed_on=LIMIT)

        assert not policy.ready(LIMIT)

    @pytest.mark.parametrize("day", ["05", "15", "25", "65", "75", "85"])
    def test_is_not_who_is_born_on_a_day_that_is_kept(self, day):
        person = closed_long_ago(identity_number=f"199801{day}2394")

        assert not policy.ready(LIMIT)
        assert list(policy.kept_for_research(LIMIT)) == [person]

    @pytest.mark.parametrize("day", ["00", "45", "60", "95"])
    def test_is_not_whose_number_says_no_day(self, day):
        person = closed_long_ago(identity_number=f"199801{day}2394")

        assert not policy.ready(LIMIT)
        assert list(policy.without_birthday(LIMIT)) == [person]

    def test_is_whose_samordningsnummer_says_another_day(self):
        person = closed_long_ago(identity_number="199801622394")

        assert list(policy.ready(LIMIT)) == [person]


class TestWhatHinders:
    def open_case(self, person):
        CaseFactory(person=person)

    def account(self, person):
        person.account.delete()
        AccountFactory(person=person, active=True)

    def relation(self, person):
        RelationFactory(principal=person, active=True)

    def represents(self, person):
        RelationFactory(representative=person)

    def decision(self, person):
        DecisionRequestFactory(person=person)

    def emergency(self, person):
        EmergencyAccessFactory(person=person, user=UserFactory())

    def notice(self, person):
        NoticeFactory(person=person)

    def message(self, person):
        MessageFactory(person=person)

    def import_by_number(self, person):
        self._import(identity_number=person.identity_number)

    def import_by_case(self, person):
        self._import(case_number=person.cases.get().number)

    def _import(self, **row):
        run = ImportRun.objects.create(created_by=UserFactory())
        ImportRow.objects.create(run=run, number=2, **row)

    def registration(self, person):
        Registration.objects.create(
            identity_number=person.identity_number, number="1", unit=UnitFactory(),
            asked_by=UserFactory(),
        )  # fmt: skip

    WAYS = {
        open_case: "öppet ärende", account: "e-tjänstekonto", relation: "en relation",
        represents: "företräder", decision: "väntar på beslut", emergency: "utan uppdrag",
        notice: "på väg", message: "som väntar", import_by_number: "import",
        import_by_case: "import", registration: "registrering",
    }  # fmt: skip

    @pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
    def test_is_told(self, way):
        person = closed_long_ago()

        assert hindered(person) == []
        way(self, person)

        [told] = hindered(person)
        assert self.WAYS[way] in told
        assert person not in policy.ready(LIMIT)


class TestWithoutAFile:
    def test_goes_with_the_last_file_that_names_them(self):
        principal = closed_long_ago()
        son = PersonFactory(created_at=clock.now() - timedelta(days=3000))
        RelationFactory(principal=principal, representative=son)

        gone = policy.without_a_file(LIMIT, leaving=policy.ready(LIMIT))
        staying = policy.without_a_file(LIMIT, leaving=Person.objects.none())

        assert list(gone) == [son]
        assert list(staying) == []

    def test_is_not_who_has_just_been_added(self):
        PersonFactory()

        assert not policy.without_a_file(LIMIT, leaving=Person.objects.none())

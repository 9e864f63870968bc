"""Who, by name, may see a person with protected data."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from persons.actions import named_access
from persons.models import NamedAccess, NotAllowed, Person, PersonEvent
from staff.models import Role
from tests.factories import CaseFactory, PersonFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel("2026-11-23T09:42:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def unit():
    return UnitFactory()


@pytest.fixture
def eva(unit):
    return UserFactory(role=Role.UNIT_MANAGER, unit=unit, first_name="Eva")


@pytest.fixture
def karin(unit):
    return UserFactory(role=Role.SUPPORT_CONTACT, unit=unit)


@pytest.fixture
def hidden(unit, karin):
    person = PersonFactory(protected=True)
    CaseFactory(person=person, unit=unit, support_contact=karin, named=False)
    return person


def sees(user, person):
    return Person.objects.visible_to(user).filter(pk=person.pk).exists()


def name(person, user, *, by, until=None):
    return named_access.name(
        person=person, user=user, reason="Vikarierar", valid_until=until, by=by
    )


class TestName:
    def test_lets_a_colleague_with_a_part_in_the_case_see_the_person(self, hidden, karin, eva):
        assert not sees(karin, hidden)

        name(hidden, karin, by=eva)

        assert sees(karin, hidden)

    def test_gives_nothing_to_who_has_no_part_in_the_case(self, hidden, eva, unit):
        erik = UserFactory(role=Role.SUPPORT_CONTACT, unit=unit)

        name(hidden, erik, by=eva)

        assert not sees(erik, hidden)

    def test_is_what_the_manager_too_needs(self, hidden, eva):
        assert not sees(eva, hidden)

        name(hidden, eva, by=eva)

        assert sees(eva, hidden)

    def test_ends_by_itself_after_its_last_day(self, hidden, karin, eva, monday):
        name(hidden, karin, by=eva, until=date(2026, 11, 24))

        monday.move_to("2026-11-24T22:59:00Z")
        assert sees(karin, hidden)
        monday.move_to("2026-11-24T23:01:00Z")
        assert not sees(karin, hidden)

    def test_is_one_row_however_often_it_is_done(self, hidden, karin, eva):
        assert name(hidden, karin, by=eva) == name(hidden, karin, by=eva)
        assert PersonEvent.objects.filter(kind="access_named").count() == 1

    def test_is_in_the_history(self, hidden, karin, eva):
        name(hidden, karin, by=eva)

        event = PersonEvent.objects.get(person=hidden)
        assert (event.kind, event.by) == ("access_named", eva)
        assert event.changes == {"user": [None, karin.pk], "reason": [None, "Vikarierar"]}

    def test_is_for_the_manager_of_an_open_case_and_nobody_else(self, hidden, karin):
        elsewhere = UserFactory(role=Role.UNIT_MANAGER)

        for user in (karin, elsewhere):
            with pytest.raises(PermissionDenied):
                name(hidden, user, by=user)
        assert not NamedAccess.objects.exists()

    def test_is_not_for_the_manager_of_a_case_that_is_closed(self, hidden, karin, eva):
        hidden.cases.update(closed_on="2026-11-01")

        with pytest.raises(PermissionDenied):
            name(hidden, karin, by=eva)

    def test_is_not_done_for_who_is_not_protected(self, unit, karin, eva):
        bo = CaseFactory(unit=unit).person

        with pytest.raises(NotAllowed):
            name(bo, karin, by=eva)


class TestNameWorkers:
    def test_names_those_who_have_the_open_cases(self, hidden, karin, eva, unit):
        sara = UserFactory(role=Role.CASE_WORKER, unit=unit, first_name="Sara")
        former = UserFactory(role=Role.CASE_WORKER, unit=unit)
        CaseFactory(person=hidden, unit=unit, case_worker=sara, named=False)
        CaseFactory(person=hidden, case_worker=former, closed_on="2026-01-01", named=False)

        named = named_access.name_workers(person=hidden, by=eva)

        assert named == [karin, sara]
        assert sees(karin, hidden)
        assert sees(sara, hidden)

    def test_leaves_out_who_has_been_disabled(self, hidden, karin, eva):
        karin.is_active = False
        karin.save(update_fields=["is_active"])

        assert named_access.name_workers(person=hidden, by=eva) == []

    def test_is_for_the_manager(self, hidden, karin):
        with pytest.raises(PermissionDenied):
            named_access.name_workers(person=hidden, by=karin)


class TestEnd:
    def test_bites_at_once(self, hidden, karin, eva):
        named = name(hidden, karin, by=eva)

        named_access.end(named=named, by=eva)

        assert not sees(karin, hidden)
        assert PersonEvent.objects.latest("pk").kind == "access_ended"

    def test_twice_is_one_end(self, hidden, karin, eva):
        named = name(hidden, karin, by=eva)

        for _again in range(2):
            named_access.end(named=named, by=eva)

        assert PersonEvent.objects.filter(kind="access_ended").count() == 1

    def test_can_be_followed_by_a_new_one_the_same_day(self, hidden, karin, eva):
        named_access.end(named=name(hidden, karin, by=eva), by=eva)

        name(hidden, karin, by=eva)

        assert sees(karin, hidden)

    def test_is_for_the_manager(self, hidden, karin, eva):
        named = name(hidden, karin, by=eva)

        with pytest.raises(PermissionDenied):
            named_access.end(named=named, by=karin)
        assert sees(karin, hidden)

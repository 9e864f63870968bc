from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from staff import absences
from staff.models import Absence, Role, User
from tests.factories import AbsenceFactory, MembershipFactory, UnitFactory, UserFactory
from web import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return UnitFactory()


@pytest.fixture
def karin(unit):
    return UserFactory(role=Role.SUPPORT_CONTACT, unit=unit)


@pytest.fixture
def erik():
    return UserFactory(role=Role.SUPPORT_CONTACT)


@pytest.fixture
def manager(unit):
    return UserFactory(role=Role.UNIT_MANAGER, unit=unit)


def register(user, substitute, *, by=None, start=0, days=4):
    today = clock.today()
    first = today + timedelta(days=start)
    return absences.register(
        user=user, substitute=substitute, by=by or user, today=today,
        first=first, last=first + timedelta(days=days),
    )  # fmt: skip


def again(user: User) -> User:
    """As the next request reads the user."""
    return User.objects.get(pk=user.pk)


class TestRegister:
    def test_gives_the_work_to_the_substitute_for_those_days(self, karin, erik):
        absence = register(karin, erik)

        assert again(erik).stands_in_for == [karin]
        assert absence.registered_by == karin

    def test_gives_nothing_before_the_first_day(self, karin, erik):
        register(karin, erik, start=1)

        assert again(erik).stands_in_for == []

    def test_can_be_done_by_the_manager_for_who_is_ill(self, karin, erik, manager):
        assert register(karin, erik, by=manager).registered_by == manager

    @pytest.mark.parametrize("role", Role)
    def test_cannot_be_done_by_others(self, karin, erik, role):
        with pytest.raises(PermissionDenied):
            register(karin, erik, by=UserFactory(role=role))

    @pytest.mark.parametrize("role", [role for role in Role if role != Role.SUPPORT_CONTACT])
    def test_needs_somebody_with_the_same_role(self, karin, role):
        with pytest.raises(absences.Impossible, match="samma roll"):
            register(karin, UserFactory(role=role))

    def test_needs_somebody_who_works_here(self, karin, erik):
        User.objects.filter(pk=erik.pk).update(is_active=False)

        with pytest.raises(absences.Impossible):
            register(karin, again(erik))

    @pytest.mark.parametrize("start", [-4, 0, 4])
    def test_refuses_days_that_overlap(self, karin, erik, start):
        AbsenceFactory(
            user=karin, substitute=UserFactory(role=Role.SUPPORT_CONTACT),
            valid_from=clock.today() + timedelta(days=10),
            valid_until=clock.today() + timedelta(days=14),
        )  # fmt: skip

        with pytest.raises(absences.Impossible, match="krockar"):
            register(karin, erik, start=10 + start)
        assert register(karin, erik, start=15)

    def test_refuses_a_substitute_who_is_away_then(self, karin, erik):
        register(erik, karin)

        with pytest.raises(absences.Impossible, match="själv borta"):
            register(karin, erik)

    def test_makes_one_absence_of_two_presses(self, karin, erik):
        assert register(karin, erik) == register(karin, erik)
        assert Absence.objects.count() == 1


class TestEnd:
    def end(self, absence, by):
        return absences.end(absence=absence, by=by, now=clock.now(), today=clock.today())

    def test_takes_the_work_back_at_once(self, karin, erik):
        absence = register(karin, erik)

        assert self.end(absence, karin)

        assert again(erik).stands_in_for == []
        absence.refresh_from_db()
        assert absence.ended_by == karin
        assert absence.valid_until == clock.today() + timedelta(days=4)

    def test_makes_room_for_another(self, karin, erik):
        self.end(register(karin, erik), karin)

        assert register(karin, erik)

    def test_is_done_once(self, karin, erik, manager):
        absence = register(karin, erik)
        self.end(absence, karin)

        assert not self.end(absence, manager)
        absence.refresh_from_db()
        assert absence.ended_by == karin

    def test_is_not_for_the_substitute(self, karin, erik):
        with pytest.raises(PermissionDenied):
            self.end(register(karin, erik), erik)


class TestWorkers:
    def test_are_oneself_and_those_of_the_units_one_manages(self, karin, erik, manager):
        assert list(absences.workers(karin, on=clock.today())) == [karin]
        assert list(absences.workers(manager, on=clock.today())) == [karin]

    def test_are_each_once_whatever_their_roles(self, karin, unit):
        MembershipFactory(user=karin, role=Role.CASE_WORKER, unit=unit)

        assert list(absences.workers(karin, on=clock.today())) == [karin]

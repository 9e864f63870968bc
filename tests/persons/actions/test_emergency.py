from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from persons import limits
from persons.actions import emergency
from persons.actions.emergency import CannotOpen
from persons.models import AccessLogEntry, EmergencyAccess, NotAllowed, Person, Protection
from persons.search import Kind, Term
from staff.models import Role
from tests.factories import (
    CaseFactory,
    EmergencyAccessFactory,
    NamedAccessFactory,
    PersonFactory,
    UnitFactory,
    UserFactory,
    protect,
)
from web import clock

pytestmark = pytest.mark.django_db

REASON = "Vikarierar i kväll"


@pytest.fixture
def erik():
    return UserFactory(role=Role.SUPPORT_CONTACT)


@pytest.fixture
def case():
    return CaseFactory(number="IFO-2026-7")


def by_number(person) -> Term:
    return Term(Kind.IDENTITY_NUMBER, person.identity_number)


def open_person(term, by, now=None):
    return emergency.open_person(term=term, reason=REASON, by=by, now=now or clock.now())


class TestOpenPerson:
    @pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.SUPPORT_CONTACT, Role.UNIT_MANAGER])
    def test_shows_the_person_for_eight_hours(self, case, role):
        user, now = UserFactory(role=role), clock.now()

        assert open_person(by_number(case.person), user, now) == (case, True)

        assert list(Person.objects.visible_to(user)) == [case.person]
        access = EmergencyAccess.objects.get()
        assert (access.opened_at, access.open_until) == (now, now + timedelta(hours=8))
        assert (access.user, access.reason, access.reviewed_at) == (user, REASON, None)

    def test_takes_the_number_of_the_case(self, case, erik):
        assert open_person(Term(Kind.CASE_NUMBER, "ifo-2026-7"), erik) == (case, True)

    def test_opens_nothing_that_is_seen_anyway(self, erik):
        mine = CaseFactory(support_contact=erik)

        assert open_person(by_number(mine.person), erik) == (mine, False)
        assert not EmergencyAccess.objects.exists()

    def test_opens_once_however_often_it_is_asked(self, case, erik):
        open_person(by_number(case.person), erik)

        assert open_person(by_number(case.person), erik) == (case, False)
        assert EmergencyAccess.objects.count() == 1

    def test_opens_again_when_the_time_is_over(self, case, erik):
        EmergencyAccessFactory(
            user=erik,
            person=case.person,
            opened_at=clock.now() - timedelta(hours=9),
            open_until=clock.now() - timedelta(hours=1),
        )

        assert open_person(by_number(case.person), erik) == (case, True)

    @pytest.mark.parametrize("protection", set(Protection) - {Protection.NONE})
    def test_opens_nobody_who_is_protected(self, case, erik, protection):
        protect(case.person, protection)

        with pytest.raises(CannotOpen):
            open_person(by_number(case.person), erik)
        assert not EmergencyAccess.objects.exists()

    def test_opens_nobody_without_an_open_case(self, case, erik):
        case.closed_on = clock.today()
        case.save()

        for term in (by_number(case.person), by_number(PersonFactory())):
            with pytest.raises(CannotOpen):
                open_person(term, erik)

    def test_opens_nobody_who_is_not_there(self, erik):
        for term in (by_number(PersonFactory.build()), Term(Kind.CASE_NUMBER, "IFO-1")):
            with pytest.raises(CannotOpen):
                open_person(term, erik)

    @pytest.mark.parametrize("role", [*set(Role) - {
        Role.CASE_WORKER, Role.SUPPORT_CONTACT, Role.UNIT_MANAGER}, ""])  # fmt: skip
    def test_is_only_for_who_works_with_people(self, case, role):
        with pytest.raises(PermissionDenied):
            open_person(by_number(case.person), UserFactory(role=role))

    def test_is_refused_after_five_attempts_in_a_day(self, case, erik):
        def tried(count, hours):
            AccessLogEntry.objects.bulk_create(
                AccessLogEntry(
                    user=erik,
                    action="view",
                    view="open_without_assignment",
                    at=clock.now() - timedelta(hours=hours),
                    refused=n > 2,
                )
                for n in range(count)
            )

        tried(5, hours=25)
        tried(4, hours=23)
        open_person(by_number(case.person), erik)
        tried(1, hours=0)

        with pytest.raises(limits.TooMuch, match="Prata med enhetschefen"):
            open_person(by_number(CaseFactory().person), erik)
        assert open_person(by_number(case.person), erik) == (case, False)


class TestReview:
    @pytest.fixture
    def eva(self, case):
        return UserFactory(role=Role.UNIT_MANAGER, unit=case.unit)

    @pytest.fixture
    def access(self, case, erik):
        return EmergencyAccessFactory(user=erik, person=case.person)

    def review(self, access, by, finding="Var vikarie den kvällen"):
        emergency.review(access=access, finding=finding, by=by, now=clock.now())

    def test_says_what_it_showed_and_who_said_so(self, access, eva):
        self.review(access, eva)

        access.refresh_from_db()
        assert (access.reviewed_by, access.finding) == (eva, "Var vikarie den kvällen")
        assert access.reviewed_at is not None

    def test_is_made_once(self, access, eva, case):
        self.review(access, eva)
        other = UserFactory(role=Role.UNIT_MANAGER, unit=case.unit)

        with pytest.raises(NotAllowed):
            self.review(access, other, finding="Något annat")
        access.refresh_from_db()
        assert (access.reviewed_by, access.finding) == (eva, "Var vikarie den kvällen")

    @pytest.mark.parametrize("role", [*Role, ""])
    def test_is_not_for_those_who_manage_no_unit_of_the_person(self, access, role):
        with pytest.raises(PermissionDenied):
            self.review(access, UserFactory(role=role))

    def test_is_never_of_ones_own(self, case, eva):
        own = EmergencyAccessFactory(user=eva, person=case.person)

        with pytest.raises(PermissionDenied):
            self.review(own, eva)


class TestToReview:
    def test_is_what_was_opened_in_the_units_one_manages(self, case, erik):
        eva = UserFactory(role=Role.UNIT_MANAGER, unit=case.unit)
        access = EmergencyAccessFactory(user=erik, person=case.person)
        EmergencyAccessFactory(user=erik, person=CaseFactory().person)

        assert list(emergency.to_review(eva)) == [access]

    def test_is_each_opening_once_however_many_cases(self, case, erik):
        eva = UserFactory(role=Role.UNIT_MANAGER, unit=case.unit)
        CaseFactory(person=case.person, unit=case.unit)
        access = EmergencyAccessFactory(user=erik, person=case.person)

        assert list(emergency.to_review(eva)) == [access]

    def test_hides_who_is_protected_from_a_manager_who_is_not_named(self, case, erik):
        eva, other = (UserFactory(role=Role.UNIT_MANAGER, unit=case.unit) for _each in "12")
        access = EmergencyAccessFactory(user=erik, person=case.person)
        protect(case.person)
        NamedAccessFactory(user=eva, person=case.person)

        assert list(emergency.to_review(eva)) == [access]
        assert not emergency.to_review(other)

    def test_is_nothing_for_who_manages_nothing(self, case, erik):
        EmergencyAccessFactory(user=UserFactory(), person=case.person)

        assert not emergency.to_review(erik)
        assert not emergency.to_review(UserFactory(role=Role.UNIT_MANAGER, unit=UnitFactory()))

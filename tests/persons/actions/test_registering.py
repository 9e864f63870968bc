from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from persons import actions
from persons.actions import Incomplete
from persons.actions.cases import CaseNumberTaken
from persons.models import Case, NotAllowed, Person, Registration
from staff.models import Membership, Role
from tests.factories import CaseFactory, PersonFactory, RelationFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db

NUMBER = "199107172380"


@pytest.fixture
def unit():
    return UnitFactory()


@pytest.fixture
def sara(unit):
    return UserFactory(role=Role.CASE_WORKER, unit=unit)


@pytest.fixture
def eva(unit):
    return UserFactory(role=Role.UNIT_MANAGER, unit=unit)


def typed(unit, **facts) -> Registration:
    known = {
        "identity_number": NUMBER,
        "given_name": "Amina",
        "family_name": "Exempel",
        "protection": "none",
        "number": "IFO-9",
        "unit": unit,
    }
    return Registration(**known | facts)


def asked(unit, by, **facts) -> Registration:
    return actions.register(registration=typed(unit, **facts), by=by)


class TestRegister:
    def test_by_a_worker_waits_for_the_manager(self, unit, sara, eva):
        registration = asked(unit, sara)

        assert not Person.objects.exists()
        assert Registration.objects.to_answer(eva).get() == registration
        assert not Registration.objects.to_answer(sara).exists()

    def test_is_refused_where_one_does_not_work_today(self, unit, sara):
        Membership.objects.update(valid_until=date(2020, 12, 31))

        with pytest.raises(PermissionDenied):
            asked(unit, sara)

    def test_refuses_what_cannot_be(self, unit, sara):
        elsewhere = UserFactory(role=Role.CASE_WORKER)

        with pytest.raises(Incomplete):
            asked(unit, sara, case_worker=elsewhere)
        with pytest.raises(CaseNumberTaken):
            asked(unit, sara, number=CaseFactory().number)
        assert not Registration.objects.exists()


class TestConfirm:
    def test_opens_the_case_and_forgets_what_was_typed(self, unit, sara, eva):
        registration = asked(unit, sara, case_worker=sara, email="amina@exempel.se")

        case = actions.confirm(registration=registration, by=eva)

        assert (case.case_worker, case.person.email) == (sara, "amina@exempel.se")
        assert Case.objects.visible_to(sara).get() == case
        assert (registration.identity_number, registration.email) == ("", "")

    def test_leaves_what_is_known_untouched(self, unit, sara, eva):
        known = PersonFactory(identity_number=NUMBER, family_name="Känd", protected=True)
        registration = asked(unit, sara)

        case = actions.confirm(registration=registration, by=eva)

        known.refresh_from_db()
        assert case.person == known
        assert (known.family_name, known.is_protected) == ("Känd", True)

    def test_gives_an_account_to_who_has_only_acted_for_others(self, unit, sara, eva):
        relative = RelationFactory(representative__identity_number=NUMBER).representative

        case = actions.confirm(registration=asked(unit, sara), by=eva)

        assert case.person == relative
        assert relative.account.state == "off"

    def test_twice_is_refused_and_one_case(self, unit, sara, eva):
        registration = asked(unit, sara)
        again = Registration.objects.get()
        actions.confirm(registration=registration, by=eva)

        with pytest.raises(NotAllowed):
            actions.confirm(registration=again, by=eva)

        assert Case.objects.count() == 1

    def test_is_refused_for_who_asked_and_for_other_managers(self, unit, sara):
        registration = asked(unit, sara)

        for by in (sara, UserFactory(role=Role.UNIT_MANAGER)):
            with pytest.raises(PermissionDenied):
                actions.confirm(registration=registration, by=by)
        assert not Person.objects.exists()


class TestRefuse:
    def test_forgets_who_it_was_about_and_says_why(self, unit, sara, eva):
        registration = asked(unit, sara)

        actions.refuse(registration=registration, reason="Ärendet är Jonas.", by=eva)

        assert registration.refusal == "Ärendet är Jonas."
        assert (registration.identity_number, registration.given_name) == ("", "")
        assert not Person.objects.exists()

    def test_is_refused_for_who_asked(self, unit, sara):
        with pytest.raises(PermissionDenied):
            actions.refuse(registration=asked(unit, sara), reason="Nej", by=sara)

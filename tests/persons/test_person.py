from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from persons import permissions
from persons.models import Case, NamedAccess, Person, Protection
from persons.swedish_order import sort_key
from staff.models import Role
from tests.factories import (
    AbsenceFactory,
    CaseFactory,
    EmergencyAccessFactory,
    MembershipFactory,
    NamedAccessFactory,
    PersonFactory,
    RelationFactory,
    UnitFactory,
    UserFactory,
)
from web import clock

pytestmark = pytest.mark.django_db


def seen_by(user):
    """The persons; a case must be seen by exactly the same users."""
    persons = list(Person.objects.visible_to(user))
    assert {case.person for case in Case.objects.visible_to(user)} == set(persons)
    assert all(permissions.may_open(user, person) for person in persons)
    return persons


class TestVisibleTo:
    def test_is_whose_case_worker_one_is(self):
        karin = UserFactory(role=Role.CASE_WORKER)
        case = CaseFactory(case_worker=karin)
        CaseFactory(case_worker=UserFactory(role=Role.CASE_WORKER, unit=case.unit), unit=case.unit)

        assert seen_by(karin) == [case.person]

    def test_is_whose_support_contact_one_is(self):
        karin = UserFactory(role=Role.SUPPORT_CONTACT)
        case = CaseFactory(support_contact=karin)
        CaseFactory(unit=case.unit)

        assert seen_by(karin) == [case.person]

    def test_is_each_person_once_however_many_cases(self):
        karin = UserFactory(role=Role.CASE_WORKER)
        person = CaseFactory(case_worker=karin).person
        CaseFactory(case_worker=karin, person=person)

        assert seen_by(karin) == [person]

    @pytest.mark.parametrize(
        ("role", "part"),
        [(Role.CASE_WORKER, "support_contact"), (Role.SUPPORT_CONTACT, "case_worker")],
    )
    def test_is_nobody_by_a_part_that_needs_another_role(self, role, part):
        karin = UserFactory(role=role)
        CaseFactory(**{part: karin})

        assert seen_by(karin) == []

    def test_is_everybody_in_the_unit_for_its_manager(self):
        unit = UnitFactory()
        manager = UserFactory(role=Role.UNIT_MANAGER, unit=unit)
        case = CaseFactory(unit=unit)
        CaseFactory()

        assert seen_by(manager) == [case.person]

    def test_is_nobody_for_the_manager_of_another_unit(self):
        manager = UserFactory(role=Role.UNIT_MANAGER)
        CaseFactory()

        assert seen_by(manager) == []

    def test_is_the_unit_and_ones_own_for_a_manager_who_also_works_elsewhere(self):
        unit = UnitFactory()
        manager = UserFactory(role=Role.UNIT_MANAGER, unit=unit)
        MembershipFactory(user=manager, role=Role.CASE_WORKER)
        cases = [CaseFactory(unit=unit), CaseFactory(case_worker=manager)]

        assert set(seen_by(manager)) == {case.person for case in cases}

    @pytest.mark.parametrize(
        "role", [Role.SYSTEM_ADMIN, Role.TEMPLATE_EDITOR, Role.LOG_REVIEWER, ""]
    )
    def test_is_nobody_for_other_roles_whatever_the_case_says(self, role):
        unit = UnitFactory()
        user = UserFactory(role=role, unit=unit)
        CaseFactory(unit=unit, case_worker=user, support_contact=user)

        assert seen_by(user) == []

    def test_is_nobody_for_a_superuser_without_a_role(self):
        CaseFactory()

        assert seen_by(UserFactory(is_superuser=True, is_staff=True)) == []

    def test_is_whom_an_absent_colleague_works_with(self):
        karin, erik = UserFactory.create_batch(2, role=Role.SUPPORT_CONTACT)
        case = CaseFactory(support_contact=karin)
        AbsenceFactory(user=karin, substitute=erik)

        assert seen_by(erik) == [case.person]
        assert seen_by(karin) == [case.person]

    @pytest.mark.parametrize("days", [-1, 1], ids=["over", "not begun"])
    def test_is_nobody_elses_when_the_colleague_is_here(self, days):
        karin, erik = UserFactory.create_batch(2, role=Role.SUPPORT_CONTACT)
        CaseFactory(support_contact=karin)
        day = clock.today() + timedelta(days=days)
        AbsenceFactory(user=karin, substitute=erik, valid_from=day, valid_until=day)

        assert seen_by(erik) == []

    def test_is_nobody_for_a_substitute_in_another_role(self):
        karin, sara = UserFactory(role=Role.SUPPORT_CONTACT), UserFactory(role=Role.CASE_WORKER)
        CaseFactory(support_contact=karin)
        AbsenceFactory(user=karin, substitute=sara)

        assert seen_by(sara) == []

    def test_is_nobody_through_an_absent_colleague_whose_role_has_ended(self):
        karin, erik = UserFactory.create_batch(2, role=Role.SUPPORT_CONTACT)
        CaseFactory(support_contact=karin)
        AbsenceFactory(user=karin, substitute=erik)
        karin.memberships.update(valid_until=clock.today() - timedelta(days=1))

        assert seen_by(erik) == []

    def test_is_whom_one_has_opened_without_a_part_while_it_lasts(self):
        sara = UserFactory(role=Role.CASE_WORKER)
        opened, lapsed = CaseFactory(), CaseFactory()
        EmergencyAccessFactory(person=opened.person, user=sara)
        now = clock.now()
        EmergencyAccessFactory(
            person=lapsed.person, user=sara, opened_at=now - timedelta(hours=9), open_until=now
        )

        assert seen_by(sara) == [opened.person]

    @pytest.mark.parametrize("protection", sorted(set(Protection) - {Protection.NONE}))
    def test_is_nobody_with_protected_data_for_whoever_is_not_named(self, protection):
        unit = UnitFactory()
        karin = UserFactory(role=Role.SUPPORT_CONTACT, unit=unit)
        manager = UserFactory(role=Role.UNIT_MANAGER, unit=unit)
        person = PersonFactory(protection=protection)
        CaseFactory(person=person, unit=unit, support_contact=karin, named=False)
        EmergencyAccessFactory(person=person, user=manager)

        assert (seen_by(karin), seen_by(manager)) == ([], [])

    def test_is_somebody_with_protected_data_for_whoever_is_named(self):
        unit = UnitFactory()
        karin = UserFactory(role=Role.SUPPORT_CONTACT, unit=unit)
        case = CaseFactory(unit=unit, support_contact=karin, person__protected=True, named=False)
        access = NamedAccessFactory(person=case.person, user=karin)

        assert seen_by(karin) == [case.person]
        NamedAccess.objects.filter(pk=access.pk).update(valid_until=date(2020, 1, 1))
        assert seen_by(karin) == []

    def test_is_nobody_by_a_name_alone_without_a_part_in_the_case(self):
        karin = UserFactory(role=Role.SUPPORT_CONTACT)
        case = CaseFactory(person__protected=True)
        NamedAccessFactory(person=case.person, user=karin)

        assert seen_by(karin) == []

    def test_is_nobody_for_someone_not_signed_in(self):
        CaseFactory()

        assert seen_by(AnonymousUser()) == []

    @pytest.mark.parametrize(
        ("first", "last", "sees"),
        [(-9, 0, True), (0, None, True), (-9, -1, False), (1, None, False)],
        ids=["last day", "first day", "expired", "not begun"],
    )
    def test_follows_the_dates_of_the_membership(self, first, last, sees):
        karin = UserFactory()
        today = clock.today()
        MembershipFactory(
            user=karin,
            role=Role.CASE_WORKER,
            valid_from=today + timedelta(days=first),
            valid_until=None if last is None else today + timedelta(days=last),
        )
        case = CaseFactory(case_worker=karin)

        assert seen_by(karin) == ([case.person] if sees else [])

    def test_ends_when_the_case_is_closed(self):
        unit = UnitFactory()
        manager = UserFactory(role=Role.UNIT_MANAGER, unit=unit)
        karin = UserFactory(role=Role.CASE_WORKER, unit=unit)
        CaseFactory(unit=unit, case_worker=karin, closed_on=clock.today())

        assert seen_by(karin) == []
        assert seen_by(manager) == []

    def test_ends_when_the_user_is_made_inactive(self):
        karin = UserFactory(role=Role.CASE_WORKER, is_active=False)
        CaseFactory(case_worker=karin)

        assert seen_by(karin) == []

    def test_does_not_reach_those_who_act_for_the_person(self):
        karin = UserFactory(role=Role.CASE_WORKER)
        case = CaseFactory(case_worker=karin)
        RelationFactory(principal=case.person, active=True)

        assert seen_by(karin) == [case.person]


class TestProtected:
    @pytest.mark.parametrize("protection", [*Protection.values, "something new", ""])
    def test_is_everything_but_none(self, protection):
        person = PersonFactory(protection=protection)

        protected = protection != Protection.NONE

        assert person.is_protected == protected
        assert Person.objects.protected().filter(pk=person.pk).exists() == protected

    def test_is_what_a_person_is_when_nothing_is_said(self):
        assert Person().is_protected

    def test_hides_the_name(self):
        assert PersonFactory(protected=True).shown_name == "Skyddad person"
        assert PersonFactory().shown_name == "Amina Exempel"


class TestPerson:
    def test_does_not_tell_its_name_to_logs(self):
        person = PersonFactory()

        assert str(person) == f"Person {person.pk}"

    @time_machine.travel("2026-06-01", tick=False)
    def test_shows_the_number_and_the_age_of_today(self):
        person = PersonFactory(identity_number="199006022397")

        assert person.shown_number == "900602-2397"
        assert person.masked_number == "900602-XXXX"
        assert (person.birth_year, person.age) == (1990, 35)

    def test_keeps_its_place_in_the_order_when_the_name_changes(self):
        person = PersonFactory(given_name="Elsa", family_name="Öberg")

        person.family_name = "Åberg"
        person.save(update_fields=["family_name"])

        person = Person.objects.get(pk=person.pk)
        assert person.sort_key == sort_key("Åberg", "Elsa")
        assert person.given_name_key == sort_key("Elsa", "Åberg")

    @pytest.mark.parametrize("number", ["9006022397", "219006022397", "19900602239x", ""])
    def test_is_not_stored_with_a_number_of_another_form(self, number):
        with pytest.raises(IntegrityError), transaction.atomic():
            PersonFactory(identity_number=number)

    def test_is_stored_once_for_each_number(self):
        PersonFactory(identity_number="199006022397")

        with pytest.raises(IntegrityError), transaction.atomic():
            PersonFactory(identity_number="199006022397")


class TestCase:
    def test_is_not_executed_before_it_is_decided(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            CaseFactory(decided_on=date(2026, 11, 2), executed_on=date(2026, 11, 1))

    def test_is_executed_from_the_day_of_execution(self):
        case = CaseFactory(executed_on=date(2026, 11, 23))

        assert not case.is_executed(on=date(2026, 11, 22))
        assert case.is_executed(on=date(2026, 11, 23))
        assert not CaseFactory().is_executed(on=date(2026, 11, 23))

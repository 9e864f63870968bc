from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from persons import actions
from persons.actions import CaseDates, CaseDetails, Incomplete, Outdated
from persons.actions.cases import CaseNumberTaken
from persons.models import Case, NotAllowed, PersonEvent
from staff.models import Membership, Role
from tests.factories import (
    AbsenceFactory,
    CaseFactory,
    EmergencyAccessFactory,
    PersonFactory,
    UnitFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 10, 42, tzinfo=ZoneInfo("Europe/Stockholm"))
TODAY = MONDAY.date()


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def adults():
    return UnitFactory(name="Vuxenenheten")


@pytest.fixture
def sara(adults):
    return UserFactory(first_name="Sara", last_name="Ny", role=Role.CASE_WORKER, unit=adults)


@pytest.fixture
def karin():
    return UserFactory(role=Role.SUPPORT_CONTACT)


@pytest.fixture
def eva(adults):
    return UserFactory(first_name="Eva", last_name="Sund", role=Role.UNIT_MANAGER, unit=adults)


@pytest.fixture
def case(adults, sara, karin) -> Case:
    return CaseFactory(
        unit=adults, case_worker=sara, support_contact=karin, decided_on=date(2026, 11, 2)
    )


def known(case: Case) -> CaseDetails:
    """As the form has it when nothing has been typed."""
    return CaseDetails(
        case.investigation_opened_on,
        case.decided_on,
        case.executed_on,
        case.case_worker,
        case.support_contact,
    )


def change(case: Case, *, by, **typed) -> None:
    details = replace(known(case), **typed)
    actions.change_case(case=case, details=details, seen_version=case.version, by=by)


def stored(case: Case) -> dict:
    return Case.objects.filter(pk=case.pk).values().get()


class TestDates:
    @pytest.mark.parametrize(
        ("dates", "wrong"),
        [
            (CaseDates(), []),
            (CaseDates(date(2026, 11, 1), date(2026, 11, 1), date(2026, 11, 1)), []),
            (CaseDates(executed_on=date(2026, 12, 1)), []),  # a start that is planned
            (CaseDates(investigation_opened_on=date(2026, 11, 24)), ["investigation_opened_on"]),
            (CaseDates(decided_on=date(2026, 11, 24)), ["decided_on"]),
            (CaseDates(date(2026, 11, 2), date(2026, 11, 1)), ["decided_on"]),
            (CaseDates(None, date(2026, 11, 2), date(2026, 11, 1)), ["executed_on"]),
            (CaseDates(date(2026, 11, 2), None, date(2026, 11, 1)), ["executed_on"]),
        ],
    )
    def test_come_in_order_and_only_an_execution_may_be_planned(self, dates, wrong):
        assert list(dates.out_of_order(on=TODAY)) == wrong


class TestRegisterCase:
    def register(self, person, unit, by, number="2026-77", details=None):
        return actions.register_case(
            person=person, number=number, unit=unit, details=details or CaseDetails(), by=by
        )

    def test_gives_a_person_another_case_and_notes_it(self, case, adults, sara):
        details = CaseDetails(decided_on=TODAY, case_worker=sara)

        new = self.register(case.person, adults, sara, details=details)

        assert (new.person, new.number, new.unit) == (case.person, "2026-77", adults)
        event = PersonEvent.objects.get()
        assert (event.kind, event.case, event.by) == ("case_registered", new, sara)
        assert event.changes == {
            "number": [None, "2026-77"],
            "unit": [None, "Vuxenenheten"],
            "decided_on": [None, "2026-11-23"],
            "case_worker": [None, "Sara Ny"],
        }

    def test_twice_is_once(self, case, adults, sara):
        first = self.register(case.person, adults, sara)

        assert self.register(case.person, adults, sara) == first
        assert PersonEvent.objects.count() == 1

    def test_refuses_the_number_of_another_case(self, case, adults, sara):
        with pytest.raises(CaseNumberTaken):
            self.register(case.person, adults, sara, number=CaseFactory().number)

        assert case.person.cases.count() == 1

    def test_refuses_dates_and_workers_that_cannot_be(self, case, adults, sara, karin):
        details = CaseDetails(decided_on=date(2027, 1, 1), case_worker=karin, support_contact=sara)

        with pytest.raises(Incomplete) as refused:
            self.register(case.person, adults, sara, details=details)

        assert len(refused.value.reasons) == 3

    def test_is_refused_in_a_unit_where_one_does_not_work(self, case, sara):
        with pytest.raises(PermissionDenied):
            self.register(case.person, UnitFactory(), sara)

    def test_is_refused_for_whoever_opened_the_person_in_an_emergency(self, case, adults):
        """Else an hour's right would become a lasting one."""
        colleague = UserFactory(role=Role.CASE_WORKER, unit=adults)
        EmergencyAccessFactory(person=case.person, user=colleague)

        with pytest.raises(PermissionDenied):
            self.register(case.person, adults, colleague)


class TestChangeCase:
    def test_changes_the_dates_and_notes_old_and_new(self, case, karin):
        change(case, executed_on=date(2026, 12, 1), by=karin)

        assert stored(case)["executed_on"] == date(2026, 12, 1)
        event = PersonEvent.objects.get()
        assert (event.kind, event.case) == ("case_changed", case)
        assert event.changes == {"executed_on": [None, "2026-12-01"]}

    def test_gives_the_case_to_others(self, case, adults, sara):
        jonas = UserFactory(first_name="Jonas", role=Role.CASE_WORKER, unit=adults)

        change(case, case_worker=jonas, support_contact=None, by=sara)

        assert (case.case_worker, case.support_contact) == (jonas, None)
        assert PersonEvent.objects.get().changes == {
            "case_worker": ["Sara Ny", "Jonas Ek"],
            "support_contact": ["Karin Ek", None],
        }

    def test_lets_the_manager_and_a_substitute_give_the_case_to_others(self, case, sara, eva):
        substitute = UserFactory(role=Role.CASE_WORKER)
        AbsenceFactory(user=sara, substitute=substitute)

        for by in (eva, substitute):
            change(case, support_contact=UserFactory(role=Role.SUPPORT_CONTACT), by=by)

        assert case.version == 2

    def test_lets_the_support_contact_change_dates_and_not_workers(self, case, karin):
        with pytest.raises(PermissionDenied):
            change(case, case_worker=None, by=karin)

        assert case.version == 0

    def test_refuses_who_does_not_have_the_role_there_today(self, case, adults, sara):
        elsewhere = UserFactory(role=Role.CASE_WORKER)
        former = UserFactory(role=Role.SUPPORT_CONTACT)
        Membership.objects.filter(user=former).update(valid_until=date(2026, 11, 22))
        away = UserFactory(role=Role.CASE_WORKER, unit=adults, is_active=False)

        for typed in (
            {"case_worker": elsewhere},
            {"case_worker": away},
            {"support_contact": former},
        ):
            with pytest.raises(Incomplete):
                change(case, **typed, by=sara)

    def test_lets_who_has_left_keep_the_case_when_something_else_is_changed(
        self, case, karin, sara
    ):
        Membership.objects.filter(user=sara).update(valid_until=date(2026, 11, 22))

        change(case, executed_on=TODAY, by=karin)

        assert stored(case)["case_worker_id"] == sara.pk

    def test_to_the_same_is_no_change(self, case, sara):
        change(case, by=sara)

        assert (case.version, PersonEvent.objects.count()) == (0, 0)

    def test_from_an_outdated_form_changes_nothing(self, case, sara):
        change(case, executed_on=TODAY, by=sara)
        before = stored(case)
        details = replace(known(case), executed_on=None)

        with pytest.raises(Outdated):
            actions.change_case(case=case, details=details, seen_version=0, by=sara)

        assert stored(case) == before

    def test_of_a_row_that_another_process_changed_is_refused(self, case, sara):
        Case.objects.filter(pk=case.pk).update(version=1)

        with pytest.raises(NotAllowed):
            change(case, executed_on=TODAY, by=sara)

    @pytest.mark.parametrize("who", ["stranger", "emergency", "manager elsewhere"])
    def test_is_refused_for_others(self, case, who):
        role = Role.UNIT_MANAGER if who == "manager elsewhere" else Role.CASE_WORKER
        other = UserFactory(role=role)
        if who == "emergency":
            EmergencyAccessFactory(person=case.person, user=other)

        with pytest.raises(PermissionDenied):
            change(case, executed_on=TODAY, by=other)


class TestTransferCase:
    @pytest.fixture
    def families(self):
        return UnitFactory(name="Familjeenheten")

    def transfer(self, case, unit, by, case_worker=None):
        actions.transfer_case(
            case=case, unit=unit, case_worker=case_worker, seen_version=case.version, by=by
        )

    def test_gives_the_person_to_the_other_unit_and_keeps_the_contact(
        self, case, families, sara, karin, eva
    ):
        there = UserFactory(role=Role.UNIT_MANAGER, unit=families)

        self.transfer(case, families, sara)

        assert (case.unit, case.case_worker, case.support_contact) == (families, None, karin)
        seeing = [u for u in (sara, eva, karin, there) if Case.objects.visible_to(u).exists()]
        assert seeing == [karin, there]
        assert PersonEvent.objects.get().changes == {
            "unit": ["Vuxenenheten", "Familjeenheten"],
            "case_worker": ["Sara Ny", None],
        }

    def test_can_name_the_new_case_worker(self, case, families, eva):
        per = UserFactory(role=Role.CASE_WORKER, unit=families)

        self.transfer(case, families, eva, case_worker=per)

        assert case.case_worker == per

    def test_refuses_a_case_worker_from_elsewhere(self, case, families, sara):
        with pytest.raises(Incomplete):
            self.transfer(case, families, sara, case_worker=sara)

        assert stored(case)["unit_id"] != families.pk

    def test_twice_is_once(self, case, families, sara):
        self.transfer(case, families, sara)

        self.transfer(case, families, sara)

        assert PersonEvent.objects.count() == 1

    def test_is_refused_for_the_support_contact_and_the_receiving_unit(self, case, families, karin):
        receiver = UserFactory(role=Role.UNIT_MANAGER, unit=families)

        for by in (karin, receiver):
            with pytest.raises(PermissionDenied):
                self.transfer(case, families, by)


class TestCloseCase:
    def close(self, case, by, closed_on=TODAY):
        actions.close_case(case=case, closed_on=closed_on, seen_version=case.version, by=by)

    def test_takes_the_person_from_everybody(self, case, sara, karin, eva):
        self.close(case, sara)

        assert case.closed_on == TODAY
        assert not any(Case.objects.visible_to(user).exists() for user in (sara, karin, eva))
        event = PersonEvent.objects.get()
        assert (event.kind, event.changes) == ("case_closed", {"closed_on": [None, "2026-11-23"]})

    @pytest.mark.parametrize("day", [date(2026, 11, 24), date(2026, 11, 1)])
    def test_is_neither_in_the_future_nor_before_the_other_dates(self, case, sara, day):
        with pytest.raises(Incomplete):
            self.close(case, sara, closed_on=day)

        assert stored(case)["closed_on"] is None

    def test_is_refused_for_the_support_contact(self, case, karin):
        with pytest.raises(PermissionDenied):
            self.close(case, karin)

    def test_is_refused_for_a_protected_person_who_is_not_named(self, adults, sara):
        case = CaseFactory(
            unit=adults, case_worker=sara, named=False, person=PersonFactory(protected=True)
        )

        with pytest.raises(PermissionDenied):
            self.close(case, sara)

    def test_from_an_outdated_form_changes_nothing(self, case, sara):
        with pytest.raises(Outdated):
            actions.close_case(case=case, closed_on=TODAY, seen_version=7, by=sara)

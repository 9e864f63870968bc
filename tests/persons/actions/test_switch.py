from dataclasses import asdict, fields, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from persons import actions
from persons.actions import Incomplete, Outdated, PersonDetails, SwitchOn, switch
from persons.models import EServiceAccount, NotAllowed, Person, PersonEvent, Wish
from persons.states import SwitchState
from staff.models import Role
from tests.factories import AccountFactory, CaseFactory, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 10, 42, tzinfo=ZoneInfo("Europe/Stockholm"))
DETAILS = SwitchOn(
    notify_by_sms=True,
    notify_by_email=False,
    mobile="070-174 06 05",
    mobile_e164="+46701740605",
    email="",
    sms_read_by_others=False,
    email_read_by_others=False,
    wish_on=date(2026, 11, 23),
)
BOTH = replace(DETAILS, notify_by_email=True, email="amina@exempel.se")
# What moves at each save, also when everything is put back.
COUNTERS = {"version"}


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def karin():
    return UserFactory(role=Role.SUPPORT_CONTACT)


@pytest.fixture
def person(karin):
    return CaseFactory(support_contact=karin, person__mobile="", person__email="").person


def account_of(person):
    """As the next page reads it."""
    return EServiceAccount.objects.select_related("person").get(person=person)


def switch_on(person, details=DETAILS, *, by, seen_version=None):
    account = account_of(person)
    seen = account.version if seen_version is None else seen_version
    actions.switch_on(account=account, details=details, seen_version=seen, by=by)
    return account_of(person)


def stored(person):
    """Every column of the account and the person."""
    account = EServiceAccount.objects.filter(person=person).values().get()
    return Person.objects.filter(pk=person.pk).values().get(), {
        name: value for name, value in account.items() if name not in COUNTERS
    }


def kinds(person):
    return list(person.events.order_by("pk").values_list("kind", flat=True))


class TestSwitchOn:
    def test_waits_for_the_night_with_everything_that_was_said(self, person, karin):
        account = switch_on(person, BOTH, by=karin)

        assert account.state == SwitchState.PENDING
        assert account.messages_enabled
        assert (account.wish, account.usable_from) == (Wish.YES, None)
        assert (account.switched_on_by, account.switched_on_at) == (karin, MONDAY)
        said = asdict(BOTH)
        assert {name: switch._current(account, name) for name in said} == said

    def test_writes_one_event_with_old_and_new_values(self, person, karin):
        switch_on(person, by=karin)

        event = PersonEvent.objects.get()
        assert (event.kind, event.by, event.at) == ("switched_on", karin, MONDAY)
        assert event.changes["mobile"] == ["", "070-174 06 05"]
        assert event.changes["wish_on"] == [None, "2026-11-23"]
        assert "email" not in event.changes

    def test_notes_the_day_when_the_number_was_confirmed(self, person, karin, monday):
        switch_on(person, by=karin)
        monday.move_to(MONDAY.replace(day=30))
        switch_on(person, BOTH, by=karin)
        assert account_of(person).person.mobile_confirmed_on == date(2026, 11, 23)

        another = replace(DETAILS, mobile="070-174 06 06", mobile_e164="+46701740606")
        switch_on(person, another, by=karin)

        assert account_of(person).person.mobile_confirmed_on == date(2026, 11, 30)

    def test_needs_no_notification(self, person, karin):
        silent = replace(DETAILS, notify_by_sms=False, sms_read_by_others=True)

        assert switch_on(person, silent, by=karin).state == SwitchState.PENDING

    @pytest.mark.parametrize(
        ("details", "reason"),
        [
            (replace(DETAILS, mobile="", mobile_e164=""), "Skriv mobilnumret"),
            (replace(BOTH, email=""), "Skriv e-postadressen"),
            (replace(DETAILS, sms_read_by_others=True), "som någon annan kan läsa"),
            (replace(BOTH, email_read_by_others=True), "som någon annan kan läsa"),
        ],
        ids=["no number", "no address", "shared phone", "shared e-mail"],
    )
    def test_refuses_a_channel_that_cannot_be_used(self, person, karin, details, reason):
        before = stored(person)

        with pytest.raises(Incomplete) as refused:
            switch_on(person, details, by=karin)

        assert [reason in text for text in refused.value.reasons] == [True]
        assert stored(person) == before
        assert kinds(person) == []

    @pytest.mark.parametrize(
        ("facts", "reason"),
        [
            ({"protected": True}, "Enhetschefen måste besluta innan e-tjänsten kopplas på."),
            ({"protection": "unknown"}, "Enhetschefen måste besluta innan e-tjänsten kopplas på."),
            ({"deceased": True}, "Personen är avliden."),
        ],
        ids=["protected", "unknown protection", "deceased"],
    )
    def test_refuses_whom_it_may_not_be_on_for(self, karin, facts, reason):
        person = CaseFactory(support_contact=karin, person=PersonFactory(**facts)).person

        with pytest.raises(Incomplete) as refused:
            switch_on(person, by=karin)

        assert refused.value.reasons == [reason]
        assert account_of(person).state == SwitchState.OFF

    def test_tells_everything_that_is_missing_at_once(self, karin):
        person = CaseFactory(support_contact=karin, person__protected=True).person

        with pytest.raises(Incomplete) as refused:
            switch_on(person, replace(BOTH, mobile_e164="", email=""), by=karin)

        assert len(refused.value.reasons) == 3

    def test_is_refused_for_whoever_does_not_work_with_the_person(self, person):
        with pytest.raises(PermissionDenied):
            switch_on(person, by=UserFactory(role=Role.SUPPORT_CONTACT))

        assert account_of(person).state == SwitchState.OFF

    def test_twice_from_the_same_form_is_once(self, person, karin):
        switch_on(person, by=karin)
        before = account_of(person).version

        account = switch_on(person, by=karin, seen_version=0)

        assert account.version == before
        assert kinds(person) == ["switched_on"]

    def test_from_an_outdated_form_changes_nothing(self, person, karin):
        switch_on(person, by=karin)
        before = stored(person)

        with pytest.raises(Outdated):
            switch_on(person, BOTH, by=karin, seen_version=0)

        assert stored(person) == before

    def test_from_a_form_opened_before_the_night_is_not_outdated(self, person, karin):
        seen = switch_on(person, by=karin).version
        EServiceAccount.objects.update(
            state="active", sent_version=seen, synced_version=seen, usable_from=date(2026, 11, 24)
        )

        account = switch_on(person, BOTH, by=karin, seen_version=seen)

        assert account.state == SwitchState.PENDING_CHANGE

    def test_after_a_no_forgets_when_to_ask_again(self, person, karin):
        actions.decline(
            account=account_of(person),
            wish=Wish.NO,
            ask_again_on=date(2027, 2, 23),
            seen_version=0,
            by=karin,
        )

        account = switch_on(person, by=karin)

        assert (account.wish, account.ask_again_on) == (Wish.YES, None)


class TestChangeWhileOn:
    @pytest.mark.parametrize(
        ("state", "after"),
        [
            ("pending", "pending"),
            ("failed", "pending"),
            ("active", "pending_change"),
            ("pending_change", "pending_change"),
        ],
    )
    def test_waits_for_the_night_and_stays_usable_meanwhile(self, karin, state, after):
        account = AccountFactory(**{state: True})
        CaseFactory(support_contact=karin, person=account.person)
        usable, on_since = account.is_usable, account.switched_on_at

        account = switch_on(account.person, BOTH, by=karin)

        assert (account.state, account.is_usable) == (after, usable)
        assert account.switched_on_at == on_since
        assert kinds(account.person) == ["channels_changed"]

    def test_is_switching_on_anew_while_it_is_being_closed(self, karin):
        account = AccountFactory(closing=True)
        CaseFactory(support_contact=karin, person=account.person)

        account = switch_on(account.person, by=karin)

        assert (account.state, account.usable_from) == (SwitchState.PENDING, None)
        assert account.switched_on_at == MONDAY
        assert kinds(account.person) == ["switched_on"]


class TestUndoSwitchOn:
    def test_puts_everything_back_and_keeps_both_in_history(self, person, karin):
        before = stored(person)
        switch_on(person, BOTH, by=karin)

        actions.undo_switch_on(account=account_of(person), by=karin)

        assert stored(person) == before
        assert kinds(person) == ["switched_on", "switch_undone"]
        assert not EServiceAccount.objects.dirty().exists()

    def test_puts_back_an_earlier_no(self, person, karin):
        actions.decline(
            account=account_of(person),
            wish=Wish.NO,
            ask_again_on=date(2027, 2, 23),
            seen_version=0,
            by=karin,
        )
        before = stored(person)
        switch_on(person, by=karin)

        actions.undo_switch_on(account=account_of(person), by=karin)

        assert stored(person) == before

    def test_takes_back_what_was_changed_after_it(self, person, karin):
        before = stored(person)
        switch_on(person, by=karin)
        switch_on(person, replace(BOTH, mobile="+46701740605"), by=karin)

        actions.undo_switch_on(account=account_of(person), by=karin)

        assert stored(person) == before

    def test_keeps_a_number_that_was_changed_elsewhere_since(self, person, karin):
        switch_on(person, BOTH, by=karin)
        account = account_of(person)
        changed = {"mobile": "070-174 06 07", "mobile_e164": "+46701740607"}
        details = {f.name: getattr(account.person, f.name) for f in fields(PersonDetails)}
        actions.change_details(
            account=account,
            details=PersonDetails(**details | changed),
            seen_version=account.version,
            by=karin,
        )

        actions.undo_switch_on(account=account_of(person), by=karin)

        person.refresh_from_db()
        assert (person.mobile, person.mobile_e164) == tuple(changed.values())
        assert person.mobile_confirmed_on == date(2026, 11, 23)
        assert (person.email, account_of(person).state) == ("", SwitchState.OFF)

    def test_takes_back_only_the_latest_of_two(self, person, karin):
        switch_on(person, BOTH, by=karin)
        actions.undo_switch_on(account=account_of(person), by=karin)
        Person.objects.update(email="nytt@exempel.se")
        before = stored(person)
        switch_on(person, replace(DETAILS, email="nytt@exempel.se"), by=karin)

        actions.undo_switch_on(account=account_of(person), by=karin)

        assert stored(person) == before

    def test_goes_back_to_closing_when_the_other_side_still_has_it_open(self, person, karin):
        switch_on(person, by=karin)
        version = account_of(person).version
        EServiceAccount.objects.update(
            state="active", sent_version=version, synced_version=version,
            usable_from=date(2026, 11, 20),
        )  # fmt: skip
        actions.switch_off(account=account_of(person), by=karin)
        before = stored(person)
        switch_on(person, BOTH, by=karin)

        actions.undo_switch_on(account=account_of(person), by=karin)

        assert stored(person) == before
        assert account_of(person).state == SwitchState.CLOSING
        assert EServiceAccount.objects.dirty().exists()

    def test_is_refused_once_a_run_has_taken_the_row(self, person, karin):
        switch_on(person, by=karin)
        EServiceAccount.objects.update(sent_version=1)

        with pytest.raises(NotAllowed):
            actions.undo_switch_on(account=account_of(person), by=karin)

        assert account_of(person).state == SwitchState.PENDING

    def test_twice_is_refused(self, person, karin):
        switch_on(person, by=karin)
        actions.undo_switch_on(account=account_of(person), by=karin)

        with pytest.raises(NotAllowed):
            actions.undo_switch_on(account=account_of(person), by=karin)

    def test_is_refused_for_whoever_does_not_work_with_the_person(self, person, karin):
        switch_on(person, by=karin)

        with pytest.raises(PermissionDenied):
            actions.undo_switch_on(account=account_of(person), by=UserFactory())


class TestSwitchOff:
    @pytest.mark.parametrize("state", ["pending", "failed", "active", "pending_change"])
    def test_shuts_our_own_door_at_once_and_tells_the_other_side_tonight(self, karin, state):
        account = AccountFactory(**{state: True})
        CaseFactory(support_contact=karin, person=account.person)

        actions.switch_off(account=account, by=karin)

        account = account_of(account.person)
        assert account.state == SwitchState.CLOSING
        assert not account.is_usable
        flags = [account.messages_enabled, account.notify_by_sms, account.notify_by_email]
        assert flags == [False, False, False]
        assert EServiceAccount.objects.dirty().get() == account
        assert kinds(account.person) == ["switched_off"]

    def test_keeps_how_the_person_is_reached(self, karin):
        account = AccountFactory(active=True)
        CaseFactory(support_contact=karin, person=account.person)
        mobile = account.person.mobile

        actions.switch_off(account=account, by=karin)

        assert account_of(account.person).person.mobile == mobile != ""

    @pytest.mark.parametrize("facts", [{}, {"closing": True}], ids=["off", "closing"])
    def test_is_refused_when_it_is_off_already(self, karin, facts):
        account = AccountFactory(**facts)
        CaseFactory(support_contact=karin, person=account.person)

        with pytest.raises(NotAllowed):
            actions.switch_off(account=account, by=karin)

        assert kinds(account.person) == []

    def test_is_refused_for_whoever_does_not_work_with_the_person(self):
        account = AccountFactory(active=True)

        with pytest.raises(PermissionDenied):
            actions.switch_off(account=account, by=UserFactory(role=Role.SUPPORT_CONTACT))


class TestDecline:
    def decline(self, person, by, wish=Wish.NO, again=date(2027, 2, 23), seen_version=None):
        account = account_of(person)
        seen = account.version if seen_version is None else seen_version
        actions.decline(account=account, wish=wish, ask_again_on=again, seen_version=seen, by=by)
        return account_of(person)

    @pytest.mark.parametrize(("wish", "again"), [(Wish.NO, date(2027, 2, 23)), (Wish.NO_EID, None)])
    def test_notes_what_was_said_today_and_switches_nothing_on(self, person, karin, wish, again):
        account = self.decline(person, karin, wish, again)

        assert (account.wish, account.ask_again_on) == (wish, again)
        assert account.wish_on == date(2026, 11, 23)
        assert account.state == SwitchState.OFF
        assert kinds(person) == ["declined"]
        assert not EServiceAccount.objects.dirty().exists()

    def test_twice_from_the_same_form_is_once(self, person, karin):
        self.decline(person, karin)

        self.decline(person, karin, seen_version=0)

        assert kinds(person) == ["declined"]

    def test_from_an_outdated_form_changes_nothing(self, person, karin):
        self.decline(person, karin)

        with pytest.raises(Outdated):
            self.decline(person, karin, Wish.NO_EID, None, seen_version=0)

        assert account_of(person).wish == Wish.NO

    @pytest.mark.parametrize("state", ["pending", "active", "failed", "pending_change", "closing"])
    def test_is_refused_while_the_service_is_on(self, karin, state):
        account = AccountFactory(**{state: True})
        CaseFactory(support_contact=karin, person=account.person)

        with pytest.raises(NotAllowed):
            self.decline(account.person, karin)

        assert account_of(account.person).wish == account.wish

    def test_is_refused_for_whoever_does_not_work_with_the_person(self, person):
        with pytest.raises(PermissionDenied):
            self.decline(person, UserFactory(role=Role.CASE_WORKER))

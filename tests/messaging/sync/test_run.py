from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.sync import actions as sync_actions
from messaging.sync import calendar, run, tasks
from messaging.sync.models import BeatTick, SyncRun
from persons import actions
from persons.models import EServiceAccount, NotAllowed, Protection
from persons.states import SwitchState
from staff.models import Role
from tests.factories import (
    AccountFactory,
    CaseFactory,
    PersonFactory,
    RelationFactory,
    SyncRunFactory,
    UserFactory,
)
from tests.messaging.sync import gateways
from web import clock

pytestmark = pytest.mark.django_db

NIGHT = datetime(2026, 11, 24, 3, 30, tzinfo=ZoneInfo("Europe/Stockholm"))
TUESDAY = date(2026, 11, 24)
HERE = "tests.messaging.sync.gateways"


@pytest.fixture(autouse=True)
def night():
    with time_machine.travel(NIGHT, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def nothing_pushed():
    gateways.pushed.clear()
    gateways.while_pushing.clear()


@pytest.fixture
def recording(settings):
    settings.SYNC_GATEWAY = f"{HERE}.Recording"
    return gateways.pushed


class TestRun:
    def test_makes_what_was_switched_on_usable_today(self):
        account = AccountFactory(pending=True)

        this = run.run()

        account.refresh_from_db()
        assert account.state == SwitchState.ACTIVE
        assert account.usable_from == TUESDAY
        assert account.synced_version == account.version
        assert (this.state, this.done_count, this.refused_count) == ("done", 1, 0)
        assert this.usable_from == TUESDAY

    def test_makes_relations_usable_like_accounts(self):
        relation = RelationFactory(pending=True)

        run.run()

        relation.refresh_from_db()
        assert (relation.state, relation.usable_from) == (SwitchState.ACTIVE, TUESDAY)

    def test_closes_what_was_switched_off(self):
        account = AccountFactory(closing=True)

        run.run()

        account.refresh_from_db()
        assert account.state == SwitchState.OFF

    def test_keeps_the_date_of_what_was_usable_before_the_change(self):
        account = AccountFactory(pending_change=True, usable_from=date(2026, 11, 1))

        run.run()

        account.refresh_from_db()
        assert (account.state, account.usable_from) == (SwitchState.ACTIVE, date(2026, 11, 1))

    def test_by_hand_in_the_afternoon_makes_it_usable_tomorrow(self, night):
        account = AccountFactory(pending=True)
        night.move_to(NIGHT.replace(hour=16))

        run.run()

        account.refresh_from_db()
        assert account.usable_from == date(2026, 11, 25)

    def test_writes_history_by_nobody(self):
        account = AccountFactory(pending=True)

        run.run()

        event = account.person.events.get()
        assert (event.kind, event.by) == ("became_usable", None)

    def test_sends_nothing_that_has_been_sent(self, recording):
        AccountFactory(pending=True)
        AccountFactory(active=True)

        run.run()
        run.run()

        assert len(recording) == 1

    def test_leaves_no_trace_of_what_was_undone_before_it(self, recording):
        karin = UserFactory(role=Role.SUPPORT_CONTACT)
        person = PersonFactory()
        CaseFactory(person=person, support_contact=karin)
        details = actions.SwitchOn(
            notify_by_sms=True,
            notify_by_email=False,
            mobile=person.mobile,
            mobile_e164=person.mobile_e164,
            email="",
            sms_read_by_others=False,
            email_read_by_others=False,
            wish_on=TUESDAY,
        )
        actions.switch_on(account=person.account, details=details, seen_version=0, by=karin)
        actions.undo_switch_on(account=person.account, by=karin)

        run.run()

        assert recording == []

    def test_takes_all_of_many_batches(self, recording, monkeypatch):
        monkeypatch.setattr(run, "BATCH", 2)
        AccountFactory.create_batch(5, pending=True)

        this = run.run()

        assert this.done_count == 5
        assert len(recording) == 5

    def test_asks_as_much_of_the_database_for_thirty_rows_as_for_one(self):
        AccountFactory(pending=True)
        with CaptureQueriesContext(connection) as for_one:
            run.run()
        AccountFactory.create_batch(30, pending=True)

        with CaptureQueriesContext(connection) as for_thirty:
            run.run()

        # The ledger row of the first run had to be made.
        assert len(for_thirty) <= len(for_one)

    def test_lets_nobody_else_in_meanwhile(self, settings, recording):
        AccountFactory(pending=True)

        def second():
            with pytest.raises(run.AlreadyRunning):
                run.run()

        gateways.while_pushing.append(second)
        run.run()

        assert SyncRun.objects.get().done_count == 1


class TestARowThatChangesDuringTheRun:
    def test_is_still_to_be_sent_and_not_yet_usable(self, recording):
        account = AccountFactory(pending=True)
        stale = EServiceAccount.objects.get(pk=account.pk)

        def change():
            row = EServiceAccount.objects.get(pk=stale.pk)
            row.move(SwitchState.PENDING, notify_by_email=True)

        gateways.while_pushing.append(change)
        run.run()
        account.refresh_from_db()
        assert account.state == SwitchState.PENDING
        assert account.usable_from is None

        gateways.while_pushing.clear()
        run.run()

        account.refresh_from_db()
        assert account.state == SwitchState.ACTIVE
        assert [change.version for change in recording] == [1, 2]

    def test_is_not_told_of_in_history_or_ledger_until_it_is_true(self, recording):
        account = AccountFactory(pending=True)
        gateways.while_pushing.append(
            lambda: EServiceAccount.objects.get(pk=account.pk).move(
                SwitchState.CLOSING, messages_enabled=False
            )
        )

        this = run.run()

        assert this.done_count == 0
        assert not account.person.events.exists()

    def test_is_not_told_to_be_refused_either(self, settings):
        settings.SYNC_GATEWAY = f"{HERE}.RefusingSlowly"
        account = AccountFactory(pending=True)
        gateways.while_pushing.append(
            lambda: EServiceAccount.objects.get(pk=account.pk).move(
                SwitchState.PENDING, notify_by_email=True
            )
        )

        this = run.run()

        account.refresh_from_db()
        assert (account.state, account.refusal) == (SwitchState.PENDING, "")
        assert (this.state, this.refused_count) == ("done", 0)
        assert not account.person.events.exists()


class TestAnAnswerThatIsMissing:
    def test_leaves_the_row_for_the_next_run(self, settings):
        settings.SYNC_GATEWAY = f"{HERE}.Forgetful"
        account = AccountFactory(pending=True)

        run.run()

        account.refresh_from_db()
        assert account.state == SwitchState.PENDING
        assert list(EServiceAccount.objects.dirty()) == [account]

    def test_is_told_and_asked_for_again_after_a_pause(self, settings, night):
        settings.SYNC_GATEWAY = f"{HERE}.Forgetful"
        AccountFactory(pending=True)
        this = run.run_if_due(NIGHT)
        settings.SYNC_GATEWAY = f"{HERE}.Recording"

        assert (this.state, this.left_count) == ("partial", 1)
        assert run.run_if_due(NIGHT) is None
        night.shift(run.PAUSE_AFTER_FAILURE)
        assert run.run_if_due(clock.now()).state == "done"

    def test_does_nothing_to_rows_that_were_not_in_the_batch(self, settings):
        settings.SYNC_GATEWAY = f"{HERE}.Confused"
        first = AccountFactory(pending=True)
        other = AccountFactory(active=True)
        assert other.pk == first.pk + 1

        this = run.run()

        other.refresh_from_db()
        assert other.refusal == ""
        assert this.refused_count == 0


class TestARefusedRow:
    def test_says_why_and_stops_nobody_else(self, settings):
        protected = AccountFactory(pending=True, person__protection=Protection.UNKNOWN)
        other = AccountFactory(pending=True)

        this = run.run()

        protected.refresh_from_db()
        other.refresh_from_db()
        assert protected.state == SwitchState.FAILED
        assert protected.refusal == "Kan inte kopplas på. Prata med enhetschefen."
        assert other.state == SwitchState.ACTIVE
        assert (this.state, this.done_count, this.refused_count) == ("partial", 1, 1)

    def test_is_tried_again_the_next_night(self, settings, night):
        settings.SYNC_GATEWAY = f"{HERE}.Refusing"
        account = AccountFactory(pending=True)
        run.run()
        settings.SYNC_GATEWAY = f"{HERE}.Recording"
        night.move_to(NIGHT + timedelta(days=1))

        run.run()

        account.refresh_from_db()
        assert (account.state, account.refusal) == (SwitchState.ACTIVE, "")
        assert account.usable_from == date(2026, 11, 25)

    def test_stays_usable_if_only_a_change_was_refused(self, settings):
        settings.SYNC_GATEWAY = f"{HERE}.Refusing"
        account = AccountFactory(pending_change=True)

        run.run()

        account.refresh_from_db()
        assert account.state == SwitchState.PENDING_CHANGE
        assert account.is_usable

    def test_stops_nobody_else_however_much_the_other_side_says(self, settings):
        settings.SYNC_GATEWAY = f"{HERE}.Talkative"
        account = AccountFactory(pending=True)

        assert run.run().refused_count == 1

        account.refresh_from_db()
        assert account.refusal.startswith("Personnumret finns inte")

    def test_tells_nothing_of_a_protected_representative_but_that_it_went_wrong(self):
        relation = RelationFactory(pending=True, representative__protected=True)

        run.run()

        relation.refresh_from_db()
        assert relation.state == SwitchState.FAILED
        assert relation.refusal == "Kan inte kopplas på. Prata med enhetschefen."


class TestARowThatIsRefusedNightAfterNight:
    @pytest.fixture
    def refused(self, settings, night):
        """Five nights, and beat's further tries during each of them."""
        settings.SYNC_GATEWAY = f"{HERE}.Refusing"
        account = AccountFactory(pending=True)
        for _ in range(5):
            run.run()
            this = run.run()
            night.shift(timedelta(days=1))
        assert (this.state, this.refused_count, this.set_aside_count) == ("partial", 0, 1)
        settings.SYNC_GATEWAY = f"{HERE}.Recording"
        account.refresh_from_db()
        return account

    def test_is_set_aside_and_never_forgotten(self, refused):
        this = run.run()

        assert gateways.pushed == []
        assert (this.state, this.done_count, this.set_aside_count) == ("partial", 0, 1)
        kinds = refused.person.events.order_by("pk").values_list("kind", flat=True)
        assert list(kinds) == ["was_refused", "was_set_aside"]

    def test_is_tried_again_when_it_was_corrected(self, refused):
        refused.move(SwitchState.PENDING, notify_by_email=True)

        assert run.run().state == "done"
        refused.refresh_from_db()
        assert refused.state == SwitchState.ACTIVE

    def test_is_tried_again_when_the_persons_number_was_corrected(self, refused):
        EServiceAccount.objects.filter(pk=refused.pk).facts_changed()

        assert run.run().state == "done"

    def test_is_tried_again_when_an_administrator_says_so(self, refused):
        SyncRunFactory(local_date=clock.today(), done_count=7)

        sync_actions.try_again(switch=refused, by=UserFactory(role=Role.SYSTEM_ADMIN))

        refused.refresh_from_db()
        this = SyncRun.objects.get(local_date=clock.today())
        assert refused.state == SwitchState.ACTIVE
        # The night itself is as it was.
        assert (this.state, this.done_count, this.set_aside_count) == ("done", 8, 0)

    def test_is_tried_again_by_nobody_else(self, refused):
        with pytest.raises(PermissionDenied):
            sync_actions.try_again(switch=refused, by=UserFactory(role=Role.UNIT_MANAGER))

    def test_is_set_aside_again_when_that_is_undone(self, refused, settings):
        mona = UserFactory(role=Role.SYSTEM_ADMIN)
        before = (refused.refused_times, refused.refused_on, refused.refusal)
        settings.SYNC_GATEWAY = f"{HERE}.Unreachable"
        with pytest.raises(ConnectionError):
            sync_actions.try_again(switch=refused, by=mona)
        refused.refresh_from_db()
        assert not refused.is_set_aside

        sync_actions.set_aside_again(switch=refused, by=mona)

        refused.refresh_from_db()
        assert (refused.refused_times, refused.refused_on, refused.refusal) == before
        settings.SYNC_GATEWAY = f"{HERE}.Recording"
        assert run.run().set_aside_count == 1
        assert gateways.pushed == []
        sync_actions.set_aside_again(switch=refused, by=mona)
        assert refused.person.events.filter(kind="sync_set_aside_again").count() == 1

    def test_is_not_set_aside_again_when_it_was_corrected_or_a_night_has_come(
        self, refused, settings, night
    ):
        mona = UserFactory(role=Role.SYSTEM_ADMIN)
        settings.SYNC_GATEWAY = f"{HERE}.Refusing"
        sync_actions.try_again(switch=refused, by=mona)
        refused.refresh_from_db()
        with pytest.raises(PermissionDenied):
            sync_actions.set_aside_again(switch=refused, by=UserFactory(role=Role.UNIT_MANAGER))

        night.shift(timedelta(days=1))
        with pytest.raises(NotAllowed):
            sync_actions.set_aside_again(switch=refused, by=mona)
        night.shift(timedelta(days=-1))
        EServiceAccount.objects.filter(pk=refused.pk).facts_changed()
        refused.refresh_from_db()
        with pytest.raises(NotAllowed):
            sync_actions.set_aside_again(switch=refused, by=mona)

        refused.refresh_from_db()
        assert refused.refused_times == 0

    def test_cannot_be_tried_when_there_is_nothing_to_tell(self):
        with pytest.raises(NotAllowed):
            sync_actions.try_again(
                switch=AccountFactory(active=True), by=UserFactory(role=Role.SYSTEM_ADMIN)
            )


class TestOneRowAgain:
    def test_leaves_a_failed_night_failed_for_beat_to_take_up(self):
        account = AccountFactory(pending=True)

        run.run_one(account)

        account.refresh_from_db()
        assert account.state == SwitchState.ACTIVE
        assert SyncRun.objects.get().state == "failed"
        assert run.run_if_due(NIGHT).state == "done"

    def test_leaves_the_night_as_it_was_when_nobody_answers(self, settings):
        settings.SYNC_GATEWAY = f"{HERE}.Unreachable"
        before = SyncRunFactory(local_date=TUESDAY, done_count=3, left_count=2)

        with pytest.raises(ConnectionError):
            run.run_one(AccountFactory(pending=True))

        assert run.run_if_due(NIGHT) is None
        night = SyncRun.objects.get()
        assert night.done_count == 3
        assert (night.finished_at, night.left_count) == (before.finished_at, 2)


class TestARunThatWouldCloseVeryMany:
    @pytest.fixture
    def six(self):
        return AccountFactory.create_batch(6, closing=True)

    def test_goes_through_when_they_are_five(self):
        AccountFactory.create_batch(5, closing=True)

        assert run.run().state == "done"

    def test_goes_through_when_they_are_two_in_a_hundred(self, six):
        AccountFactory.create_batch(294, active=True, person__account=None)

        assert run.run().state == "done"

    def test_stops_before_anything_has_been_told(self, six, recording):
        AccountFactory(pending=True)

        this = run.run_if_due(NIGHT)

        assert (this.state, this.closing_count, recording) == ("stopped", 6, [])
        assert run.run_if_due(NIGHT + timedelta(hours=1)) is None
        # What is saved now is not taken by a night that came through.
        assert calendar.last_done_on() is None

    def test_goes_on_when_an_administrator_has_said_yes(self, six):
        anna = UserFactory(role=Role.SYSTEM_ADMIN)
        this = run.run()

        sync_actions.allow_closings(count=6, by=anna)

        assert run.run_if_due(NIGHT).done_count == 6
        this.refresh_from_db()
        assert (this.closings_allowed_by, this.closings_allowed_at) == (anna, NIGHT)

    def test_asks_again_when_they_have_become_more(self, six):
        run.run()
        sync_actions.allow_closings(count=6, by=UserFactory(role=Role.SYSTEM_ADMIN))
        AccountFactory(closing=True)

        assert run.run_if_due(NIGHT).state == "stopped"
        assert run.run_if_due(NIGHT) is None

    def test_goes_on_by_itself_when_they_have_become_fewer(self, six):
        run.run()
        six[0].move(SwitchState.PENDING, messages_enabled=True)

        assert run.run().state == "done"

    def test_takes_no_yes_from_others(self, six):
        with pytest.raises(PermissionDenied):
            sync_actions.allow_closings(count=6, by=UserFactory(role=Role.UNIT_MANAGER))


class TestATurn:
    @pytest.fixture
    def slow(self, recording, night, monkeypatch):
        """Each row takes a turn of beat."""
        monkeypatch.setattr(run, "BATCH", 1)
        gateways.while_pushing.append(lambda: night.shift(run.TURN))

    def test_ends_in_time_and_the_next_goes_on(self, slow, night):
        AccountFactory.create_batch(3, pending=True)

        counts = []
        for _ in range(3):
            this = run.run_if_due(clock.now())
            counts.append((this.state, this.done_count))

        assert counts == [("running", 1), ("running", 2), ("running", 3)]
        assert run.run_if_due(clock.now()).state == "done"
        assert len(gateways.pushed) == 3

    def test_that_comes_after_the_night_leaves_the_rest_for_the_next(self, slow, night):
        AccountFactory.create_batch(3, pending=True)
        run.run_if_due(clock.now())
        night.shift(run.BUDGET)

        this = run.run_if_due(clock.now())

        assert (this.state, this.done_count, this.left_count) == ("partial", 2, 1)
        assert this.error == run.OUT_OF_TIME
        assert run.run_if_due(clock.now() + timedelta(hours=1)) is None


class TestARunThatDies:
    def test_is_completed_by_the_next_one(self, settings, night):
        settings.SYNC_GATEWAY = f"{HERE}.DiesAfterPushing"
        account = AccountFactory(pending=True)
        with pytest.raises(gateways.Killed):
            run.run()
        settings.SYNC_GATEWAY = f"{HERE}.Recording"
        with pytest.raises(run.AlreadyRunning):
            run.run()
        night.move_to(NIGHT + run.LEASE + timedelta(seconds=1))

        run.run()

        account.refresh_from_db()
        assert account.state == SwitchState.ACTIVE
        assert [change.version for change in gateways.pushed] == [1, 1]

    def test_is_counted_with_all_that_the_night_has_done(self, settings, night, monkeypatch):
        monkeypatch.setattr(run, "BATCH", 1)
        settings.SYNC_GATEWAY = f"{HERE}.Recording"
        AccountFactory.create_batch(2, pending=True)

        def fall_silent():
            if len(gateways.pushed) == 2:
                raise ConnectionError

        gateways.while_pushing.append(fall_silent)
        with pytest.raises(ConnectionError):
            run.run()
        gateways.while_pushing.clear()

        assert run.run().done_count == 2

    def test_says_so_when_the_other_side_cannot_be_reached(self, settings):
        settings.SYNC_GATEWAY = f"{HERE}.Unreachable"
        account = AccountFactory(pending=True)

        with pytest.raises(ConnectionError):
            run.run()

        account.refresh_from_db()
        this = SyncRun.objects.get()
        assert (this.state, this.error) == ("failed", "ConnectionError")
        assert account.state == SwitchState.PENDING


class TestARunThatIsSilentTooLong:
    def test_stops_when_another_has_taken_over(self, recording, night, monkeypatch):
        monkeypatch.setattr(run, "BATCH", 1)
        AccountFactory.create_batch(2, pending=True)

        def sleep_while_another_runs():
            gateways.while_pushing.clear()
            night.shift(run.LEASE + timedelta(seconds=1))
            assert run.run().done_count == 2

        gateways.while_pushing.append(sleep_while_another_runs)
        with pytest.raises(run.AlreadyRunning):
            run.run()

        this = SyncRun.objects.get()
        assert (this.state, this.done_count) == ("done", 2)

    def test_is_still_alone_when_the_hour_passes_meanwhile(self, recording, night):
        night.move_to(NIGHT - timedelta(seconds=10))
        AccountFactory(pending=True)

        def the_hour():
            night.move_to(NIGHT)
            assert run.run_if_due(NIGHT) is None

        gateways.while_pushing.append(the_hour)

        assert run.run().local_date == date(2026, 11, 23)


class TestRunIfDue:
    def test_runs_once_a_night(self):
        AccountFactory(pending=True)

        first = run.run_if_due(NIGHT)
        second = run.run_if_due(NIGHT + timedelta(minutes=1))

        assert first is not None
        assert second is None

    def test_waits_for_the_nightly_hour(self):
        SyncRunFactory(local_date=date(2026, 11, 23))

        assert run.run_if_due(NIGHT - timedelta(minutes=1)) is None

    def test_catches_up_after_nights_without_a_run(self, night):
        SyncRunFactory(local_date=date(2026, 11, 20))
        night.move_to(NIGHT.replace(hour=11))

        this = run.run_if_due(clock.now())

        assert this.local_date == TUESDAY

    def test_runs_at_the_hour_also_when_somebody_ran_it_by_hand_before(self, night):
        SyncRunFactory(local_date=date(2026, 11, 23))
        night.move_to(NIGHT.replace(hour=1))
        run.run()
        night.move_to(NIGHT)

        assert run.run_if_due(NIGHT).local_date == TUESDAY

    def test_rests_after_a_failure_and_then_tries_again(self, settings, night):
        AccountFactory(pending=True)
        settings.SYNC_GATEWAY = f"{HERE}.Unreachable"
        with pytest.raises(ConnectionError):
            run.run_if_due(NIGHT)
        settings.SYNC_GATEWAY = f"{HERE}.Recording"

        assert run.run_if_due(NIGHT + timedelta(minutes=1)) is None
        night.move_to(NIGHT + run.PAUSE_AFTER_FAILURE + timedelta(seconds=1))
        assert run.run_if_due(clock.now()).state == "done"

    def test_may_be_run_by_hand_while_it_rests(self, settings):
        AccountFactory(pending=True)
        settings.SYNC_GATEWAY = f"{HERE}.Unreachable"
        with pytest.raises(ConnectionError):
            run.run()
        settings.SYNC_GATEWAY = f"{HERE}.Recording"

        assert run.run().state == "done"


class TestTick:
    def test_tells_that_beat_is_alive_and_runs_the_night(self):
        account = AccountFactory(pending=True)

        tasks.tick()
        tasks.tick()

        account.refresh_from_db()
        assert account.state == SwitchState.ACTIVE
        assert BeatTick.objects.get().at == NIGHT


class TestCommand:
    def test_runs_and_says_how_it_went(self, capsys):
        AccountFactory(pending=True)

        call_command("nightly_sync")

        assert "Klar, 1 gick igenom, 0 gick inte igenom" in capsys.readouterr().out

    def test_refuses_while_a_run_is_under_way(self):
        SyncRunFactory(
            local_date=TUESDAY, state="running", lease_until=NIGHT + timedelta(minutes=1)
        )

        with pytest.raises(CommandError):
            call_command("nightly_sync")

"""A database goes back in time. What has left the house does not."""

from contextlib import contextmanager
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction

from messaging.inbox import actions as inbox
from messaging.notices import delivery, restoring
from messaging.notices.models import Notice, Restoration, SendingMarker
from messaging.notices.states import NoticeState
from tests.factories import MessageFactory, NoticeFactory, PersonFactory
from tests.messaging.notices import gateways
from web import clock

pytestmark = pytest.mark.django_db

BACKUP = datetime(2026, 11, 24, 9, 30, tzinfo=ZoneInfo("Europe/Stockholm"))


@pytest.fixture(autouse=True)
def morning(settings):
    gateways.taken.clear()
    gateways.shown.clear()
    settings.SMS_GATEWAY = "tests.messaging.notices.gateways.Provider"
    settings.NOTICE_SETTLE_SECONDS = 900
    with time_machine.travel(BACKUP, tick=False) as traveller:
        yield traveller


def deliver() -> int:
    return delivery.deliver_due(now=clock.now())


def deliver_until_settled(morning) -> None:
    for _tick in range(4):
        deliver()
        morning.shift(timedelta(seconds=901))


@contextmanager
def restored_afterwards():
    """What is done inside is done in the world, and forgotten by the database."""
    backup = transaction.savepoint()
    yield
    transaction.savepoint_rollback(backup)


def after_restore(backup_time: datetime = BACKUP) -> str:
    printed = StringIO()
    call_command("after_restore", backup_time=backup_time, stdout=printed)
    return printed.getvalue()


class TestARestoredDatabase:
    def test_sends_nothing_until_the_command_has_been_run(self, morning):
        deliver()
        NoticeFactory()
        with restored_afterwards():
            assert deliver() == 1

        with pytest.raises(restoring.Restored):
            deliver()
        with pytest.raises(CommandError, match="after_restore"):
            call_command("run_deliveries")

        assert len(gateways.taken) == 1

    def test_then_sends_only_what_had_not_left(self, morning):
        deliver()
        left, waits = NoticeFactory(), NoticeFactory(not_before=BACKUP + timedelta(minutes=30))
        email = NoticeFactory(
            email=True, person=PersonFactory(account__active=True, account__notify_by_email=True)
        )
        with restored_afterwards():
            morning.shift(timedelta(minutes=1))
            assert deliver() == 2

        morning.shift(timedelta(minutes=59))
        assert after_restore() == "3 notices will be asked about before they are sent.\n"
        deliver_until_settled(morning)

        sent = sorted(sms.reference for sms in gateways.taken)
        assert sent == sorted([str(left.ref), str(waits.ref)])
        assert len(mail.outbox) == 1
        states = [Notice.objects.get(pk=n.pk).state for n in (left, waits, email)]
        # A relay cannot be asked whether the e-mail left.
        assert states == [NoticeState.DELIVERED, NoticeState.ACCEPTED, NoticeState.NEEDS_HUMAN]

    def test_asks_about_what_a_worker_held_when_the_backup_was_taken(self, morning, settings):
        settings.SMS_GATEWAY = "tests.messaging.notices.gateways.KillsTheWorker"
        notice = NoticeFactory()
        with pytest.raises(gateways.Killed):
            deliver()
        settings.SMS_GATEWAY = "tests.messaging.notices.gateways.Provider"

        after_restore()
        deliver_until_settled(morning)

        notice.refresh_from_db()
        assert notice.state == NoticeState.DELIVERED
        assert len(gateways.taken) == 1

    @pytest.mark.parametrize(
        ("found_out", "state"),
        [
            (timedelta(hours=2), NoticeState.ACCEPTED),
            (timedelta(days=3), NoticeState.ACCEPTED),
            # The provider may have forgotten it by then.
            (timedelta(days=8), NoticeState.NEEDS_HUMAN),
        ],
        ids=str,
    )
    def test_sends_nothing_twice_however_late_it_is_found_out(
        self, morning, settings, found_out, state
    ):
        settings.SMS_GATEWAY = "tests.messaging.notices.gateways.ByText"
        deliver()
        notice = NoticeFactory()
        with restored_afterwards():
            assert deliver() == 1

        morning.shift(found_out)
        after_restore()
        deliver_until_settled(morning)

        notice.refresh_from_db()
        assert notice.state == state
        assert len(gateways.taken) == 1

    def test_asks_also_about_what_left_while_the_backup_was_being_written(self, morning, settings):
        settings.SMS_GATEWAY = "tests.messaging.notices.gateways.ByText"
        deliver()
        notice = NoticeFactory()
        with restored_afterwards():
            assert deliver() == 1

        morning.shift(timedelta(minutes=20))
        after_restore(BACKUP + timedelta(minutes=10))
        deliver_until_settled(morning)

        notice.refresh_from_db()
        assert notice.state == NoticeState.ACCEPTED
        assert len(gateways.taken) == 1

    def test_asks_about_two_to_one_address_one_after_the_other(self, morning):
        deliver()
        person = PersonFactory(account__active=True)
        NoticeFactory.create_batch(2, person=person)
        with restored_afterwards():
            assert deliver() == 2

        after_restore()
        deliver_until_settled(morning)
        deliver_until_settled(morning)

        assert len(gateways.taken) == 2

    def test_asks_about_a_welcome_that_becomes_readable_a_second_time(self, morning):
        deliver()
        MessageFactory(created_at=BACKUP - timedelta(days=1))
        with restored_afterwards():
            inbox.release_due(now=clock.now())
            assert deliver() == 1

        with pytest.raises(restoring.Restored):
            inbox.release_due(now=clock.now())
        after_restore()
        inbox.release_due(now=clock.now())
        deliver_until_settled(morning)

        assert Notice.objects.get().state == NoticeState.DELIVERED
        assert len(gateways.taken) == 1

    def test_sends_what_was_written_after_the_backup_at_once(self, morning):
        deliver()
        morning.shift(timedelta(hours=1))
        after_restore()
        MessageFactory()
        inbox.release_due(now=clock.now())

        assert deliver() == 1

    def test_is_written_down(self):
        NoticeFactory()

        after_restore()

        record = Restoration.objects.get()
        assert (record.backup_time, record.notice_count) == (BACKUP, 1)

    def test_is_known_also_by_a_file_that_is_gone(self, settings):
        deliver()
        Path(settings.RESTORE_MARKER_FILE).unlink()

        assert restoring.is_restored()

    def test_is_known_also_when_it_is_from_before_the_first_start(self):
        deliver()
        SendingMarker.objects.all().delete()

        assert restoring.is_restored()

    def test_is_known_when_it_is_another_installations(self):
        deliver()
        SendingMarker.objects.update(marker="f" * 32, claims=99)

        assert restoring.is_restored()

    def test_is_found_out_in_the_middle_of_a_round_too(self):
        deliver()
        NoticeFactory()
        SendingMarker.objects.update(marker="f" * 32)

        with pytest.raises(restoring.Restored):
            delivery.claim(now=clock.now())

        assert Notice.objects.get().state == NoticeState.QUEUED


class TestADatabaseThatHasGoneOn:
    def test_begins_by_itself(self):
        assert deliver() == 0

        assert not restoring.is_restored()

    def test_may_have_counted_a_claim_that_the_file_has_not(self, monkeypatch):
        """A worker was killed between the two."""
        deliver()
        NoticeFactory.create_batch(2)
        with monkeypatch.context() as patch:
            patch.setattr(restoring, "write_down", lambda mark: None)
            deliver()

        assert not restoring.is_restored()

    def test_never_turns_the_file_back(self):
        deliver()
        early = restoring.outside()
        NoticeFactory.create_batch(2)
        deliver()

        restoring.write_down(early)

        assert restoring.outside().claims == 2


class TestTheCommand:
    def test_refuses_a_backup_from_the_future(self):
        with pytest.raises(CommandError, match="future"):
            after_restore(BACKUP + timedelta(minutes=1))

    def test_takes_a_local_time(self):
        call_command("after_restore", "--backup-time", "2026-11-24T09:30", stdout=StringIO())

        assert Restoration.objects.get().backup_time == BACKUP

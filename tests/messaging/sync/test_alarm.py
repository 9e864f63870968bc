from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail

from messaging.sync import alarm, tasks
from messaging.sync.models import SyncRun
from staff.models import Role
from tests.factories import AccountFactory, SyncRunFactory, UserFactory
from tests.messaging.sync.test_run import HERE

pytestmark = pytest.mark.django_db

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MORNING = datetime(2026, 11, 24, 5, 45, tzinfo=STOCKHOLM)


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def administrators():
    return [UserFactory(role=Role.SYSTEM_ADMIN) for _ in range(2)]


class TestIsMissing:
    def test_is_not_asked_while_the_night_may_still_be_under_way(self):
        assert not alarm.is_missing(MORNING - timedelta(minutes=1))
        assert alarm.is_missing(MORNING)

    @pytest.mark.parametrize(
        ("state", "missing"),
        [
            ("done", False),
            ("partial", False),
            ("failed", True),
            ("stopped", True),
            ("running", True),
        ],
    )
    def test_is_what_did_not_come_through(self, state, missing):
        SyncRunFactory(local_date=MORNING.date(), state=state)

        assert alarm.is_missing(MORNING) is missing

    def test_goes_by_the_night_that_is_due(self):
        SyncRunFactory(local_date=MORNING.date() - timedelta(days=1))

        assert alarm.is_missing(MORNING)


class TestTellIfMissing:
    def test_writes_once_a_night_to_each_administrator(self, administrators, morning):
        alarm.tell_if_missing(MORNING)
        alarm.tell_if_missing(MORNING + timedelta(minutes=1))

        assert sorted(message.to for message in mail.outbox) == sorted(
            [user.email] for user in administrators
        )
        assert SyncRun.objects.get().alarmed_at == MORNING

    def test_writes_nothing_that_tells_what_this_is(self, administrators):
        alarm.tell_if_missing(MORNING)

        words = (mail.outbox[0].subject + mail.outbox[0].body).lower()
        assert "socialtjänst" not in words
        assert "/synkning/" in words

    def test_lets_no_administrator_miss_it_for_anothers_mail(self, administrators, monkeypatch):
        told = []

        def broken(subject, text, sender, receivers):
            told.extend(receivers)
            raise OSError

        monkeypatch.setattr("staff.mail.send_mail", broken)

        alarm.tell_if_missing(MORNING)

        assert len(told) == 2

    def test_is_asked_at_each_tick_also_when_the_run_breaks(self, administrators, settings):
        settings.SYNC_GATEWAY = f"{HERE}.Unreachable"
        AccountFactory(pending=True)

        with pytest.raises(ConnectionError):
            tasks.tick()

        assert len(mail.outbox) == 2

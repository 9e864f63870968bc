from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail

from messaging.operations import figures
from messaging.sync import alarm, tasks
from messaging.sync.models import SyncRun
from staff.models import Role
from tests.factories import AccountFactory, SyncRunFactory, UserFactory
from tests.messaging.sync.test_run import HERE

pytestmark = pytest.mark.django_db

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MORNING = datetime(2026, 11, 24, 5, 45, tzinfo=STOCKHOLM)


def _at(when: time) -> datetime:
    return datetime.combine(MORNING, when, tzinfo=STOCKHOLM)


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def the_night_before():
    return SyncRunFactory(local_date=MORNING.date() - timedelta(days=1))


@pytest.fixture
def administrators():
    return [UserFactory(role=Role.SYSTEM_ADMIN) for _ in range(2)]


@pytest.mark.usefixtures("the_night_before")
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

    @pytest.mark.parametrize(
        ("started", "finished", "missing"),
        [(time(3, 30), None, True), (time(3, 30), time(3, 31), False), (time(6, 5), None, False)],
    )
    def test_is_no_night_that_somebody_runs_again(self, started, finished, missing):
        """One number after the night was done, or the whole of it by hand."""
        SyncRunFactory(
            local_date=MORNING.date(),
            state="running",
            started_at=_at(started),
            finished_at=_at(finished) if finished else None,
        )

        assert alarm.is_missing(_at(time(6, 6))) is missing

    def test_goes_by_the_night_that_is_due(self):
        assert alarm.is_missing(MORNING)
        SyncRunFactory(local_date=MORNING.date())
        assert not alarm.is_missing(MORNING)

    def test_is_none_where_no_night_has_been_yet(self, the_night_before):
        the_night_before.delete()

        assert not alarm.is_missing(MORNING)

    @pytest.mark.parametrize(
        "when", [MORNING, MORNING.replace(hour=6, minute=0), MORNING - timedelta(minutes=1)]
    )
    def test_is_the_same_wherever_it_is_told(self, client, morning, when):
        """The e-mail, /halsa/redo and the figures go by one rule."""
        morning.move_to(when)

        missing = when >= MORNING
        assert figures.read(when).night_failed is missing
        assert client.get("/halsa/redo").json()["night"] is not missing


@pytest.mark.usefixtures("the_night_before")
class TestTellIfMissing:
    def test_writes_once_a_night_to_each_administrator(self, administrators, morning):
        alarm.tell_if_missing(MORNING)
        alarm.tell_if_missing(MORNING + timedelta(minutes=1))

        assert sorted(message.to for message in mail.outbox) == sorted(
            [user.email] for user in administrators
        )
        assert SyncRun.objects.latest("local_date").alarmed_at == MORNING

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

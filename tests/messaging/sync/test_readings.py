from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from messaging.sync import tasks
from messaging.sync.gateways.base import Reading
from messaging.sync.readings import APART, take_readings
from tests.factories import AccountFactory
from tests.messaging.sync import gateways

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Stockholm"))
EARLIER = NOW - timedelta(hours=1)


@pytest.fixture(autouse=True)
def other_side(settings):
    settings.SYNC_GATEWAY = "tests.messaging.sync.gateways.Telling"
    with time_machine.travel(NOW, tick=False):
        yield
    gateways.readings.clear()
    gateways.asked_after.clear()


@pytest.fixture
def account():
    return AccountFactory(active=True)


def tell(account, *moments: datetime) -> None:
    gateways.readings[:] = [Reading(account.pk, moment) for moment in moments]
    tasks.take_readings()
    account.refresh_from_db()


class TestAReading:
    def test_is_believed_but_for_what_clocks_may_be_apart(self, account):
        tell(account, EARLIER)

        assert account.read_until == EARLIER - APART
        assert account.has_read(EARLIER - APART)
        assert not account.has_read(EARLIER)

    def test_goes_only_forwards(self, account):
        tell(account, EARLIER, EARLIER - timedelta(days=1))

        assert account.read_until == EARLIER - APART

    def test_of_tomorrow_silences_nothing_that_comes_tomorrow(self, account):
        tell(account, NOW + timedelta(days=1))

        assert account.read_until == NOW - APART

    def test_shows_that_the_person_has_signed_in(self, account):
        tell(account, EARLIER)
        tell(account, NOW)

        assert account.first_signed_in_at == EARLIER - APART

    def test_of_nobody_that_we_know_is_nothing(self, account):
        gateways.readings[:] = [Reading(account.pk + 1, EARLIER)]

        assert take_readings() == 0


class TestTakeReadings:
    def test_asks_from_the_latest_that_is_known(self, account):
        tell(account, EARLIER)
        tell(account)

        assert gateways.asked_after == [None, EARLIER - APART]

    def test_asks_nobody_who_cannot_tell(self, settings):
        settings.SYNC_GATEWAY = "messaging.sync.gateways.builtin.Gateway"

        assert take_readings() == 0

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from celery import current_app
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse

from config import probe
from messaging.sync import calendar
from messaging.sync.models import BeatTick, SyncRun
from tests.factories import SyncRunFactory
from web import clock

pytestmark = pytest.mark.django_db

WELL = {"database": True, "migrations": True, "broker": True, "beat": True, "night": True}


@pytest.fixture(autouse=True)
def day(time_machine):
    """Before the morning's alarm nobody asks whether the night is missing."""
    time_machine.move_to("2026-11-24T10:00:00+01:00", tick=False)


@pytest.fixture(autouse=True)
def _last_night(day):
    SyncRunFactory(local_date=calendar.ledger_date(clock.now()))


@pytest.fixture
def beat():
    return BeatTick.objects.create(at=clock.machine_now())


def refuse(*args):
    raise OperationalError("connection to 10.0.0.7 lost")


class TestAlive:
    def test_answers_whatever_else_is_broken(self, client, django_assert_num_queries):
        with django_assert_num_queries(0), connection.execute_wrapper(refuse):
            response = client.get(reverse("alive"))

        assert (response.status_code, response.content) == (200, b"ok")

    def test_cannot_be_posted_to(self, client):
        assert client.post(reverse("alive")).status_code == 405


class TestReady:
    def test_is_200_when_everything_is_well(self, client, beat):
        response = client.get(reverse("ready"))

        assert (response.status_code, response.json()) == (200, WELL)

    def test_needs_the_database_and_says_nothing_of_why(self, client, beat):
        with connection.execute_wrapper(refuse):
            response = client.get(reverse("ready"))

        broken = {"database": False, "migrations": False, "beat": False, "night": False}
        assert (response.status_code, response.json()) == (503, WELL | broken)

    def test_tells_that_last_night_is_missing_and_keeps_the_pages_open(self, client, beat):
        SyncRun.objects.update(local_date=date(2026, 11, 23))

        with time_machine.travel(datetime(2026, 11, 24, 5, tzinfo=UTC), tick=False):
            BeatTick.objects.update(at=clock.machine_now())
            response = client.get(reverse("ready"))

        assert (response.status_code, response.json()) == (200, WELL | {"night": False})

    def test_needs_every_migration(self, client, beat):
        MigrationRecorder.Migration.objects.filter(app="persons").delete()

        response = client.get(reverse("ready"))

        assert (response.status_code, response.json()) == (503, WELL | {"migrations": False})

    def test_needs_the_broker(self, client, beat, monkeypatch):
        monkeypatch.setitem(current_app.conf, "broker_write_url", "redis://127.0.0.1:1")
        monkeypatch.setitem(current_app.conf, "broker_transport", None)

        response = client.get(reverse("ready"))

        assert (response.status_code, response.json()) == (503, WELL | {"broker": False})

    def test_needs_a_beat_that_has_ticked(self, client):
        response = client.get(reverse("ready"))

        assert (response.status_code, response.json()) == (503, WELL | {"beat": False})

    def test_forgives_two_lost_ticks_but_not_three(self, client, beat, settings):
        beat.at = clock.machine_now() - timedelta(seconds=2.9 * settings.BEAT_SECONDS)
        beat.save()
        assert client.get(reverse("ready")).status_code == 200

        beat.at = clock.machine_now() - timedelta(seconds=3.1 * settings.BEAT_SECONDS)
        beat.save()
        assert client.get(reverse("ready")).status_code == 503


class TestProbe:
    def test_is_0_when_all_that_was_named_is_well(self, beat):
        assert probe.main(["database", "beat"]) == 0

    def test_is_1_when_something_is_not(self):
        assert probe.main(["database", "beat"]) == 1

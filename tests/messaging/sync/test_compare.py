from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from messaging.sync import compare, run
from messaging.sync.gateways import http, wire
from messaging.sync.gateways.base import Change
from messaging.sync.models import Comparison
from persons.models import EServiceAccount
from persons.states import SwitchState
from tests.factories import AccountFactory, RelationFactory, SyncRunFactory

pytestmark = pytest.mark.django_db

NIGHT = datetime(2026, 11, 24, 3, 30, tzinfo=ZoneInfo("Europe/Stockholm"))


@pytest.fixture(autouse=True)
def night():
    with time_machine.travel(NIGHT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def there(other_side, settings):
    """Somebody else's e-service, which holds what the night has told it."""
    settings.SYNC_GATEWAY = "messaging.sync.gateways.http.Gateway"
    return other_side


def numbers(this) -> tuple[int, int, int]:
    return this.missing, this.extra, this.different


class TestCompare:
    @pytest.fixture
    def synced(self, there):
        rows = AccountFactory.create_batch(3, pending=True)
        RelationFactory(pending=True)
        run.run()
        return list(EServiceAccount.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))

    def test_finds_nothing_where_nothing_is_wrong(self, synced):
        assert numbers(compare.compare()) == (0, 0, 0)

    def test_finds_and_mends_what_went_wrong_there(self, there, synced):
        lost, changed, _ = synced
        theirs = there.rows()[f"account-{changed.pk}"] | {"sms": "+46700000000"}
        stranger = theirs | {"id": "account-999999", "version": 4}
        there.prepare(
            lose=[f"account-{lost.pk}"],
            rows={theirs["id"]: theirs, stranger["id"]: stranger},
        )

        assert numbers(compare.compare()) == (1, 1, 1)

        run.run()
        assert numbers(compare.compare()) == (0, 0, 0)
        assert there.holds()[999999] == (5, False)
        lost.refresh_from_db()
        # In use all the while.
        assert (lost.state, lost.is_usable) == (SwitchState.ACTIVE, True)

    def test_closes_there_what_is_off_here(self, there, synced):
        off = synced[0]
        off.move(SwitchState.CLOSING, messages_enabled=False)
        open_there = there.rows()[f"account-{off.pk}"]
        run.run()
        there.prepare(rows={open_there["id"]: open_there})

        assert numbers(compare.compare()) == (0, 1, 0)

        off.refresh_from_db()
        assert there.holds()[off.pk] == (off.version, False)
        assert (off.state, off.version) == (SwitchState.OFF, off.synced_version)

    def test_tells_everything_again_to_another_side_that_is_empty(self, there, synced):
        there.prepare(empty=True)

        assert numbers(compare.compare()) == (4, 0, 0)

        run.run()
        assert numbers(compare.compare()) == (0, 0, 0)

    def test_closes_nobody_when_they_are_very_many(self, there, synced):
        row = there.rows()[f"account-{synced[0].pk}"]
        many = {f"account-{key}": row | {"id": f"account-{key}"} for key in range(9_000, 9_006)}
        there.prepare(rows=many)

        assert numbers(compare.compare()) == (0, 6, 0)
        assert all(is_open for key, (_, is_open) in there.holds().items() if key >= 9_000)

    def test_comes_back_from_a_backup_that_was_older_than_theirs(self, there, synced):
        row = synced[0]
        newer = there.rows()[f"account-{row.pk}"] | {"version": 7, "sms": "+46700000000"}
        there.prepare(rows={newer["id"]: newer})

        assert numbers(compare.compare()) == (0, 0, 1)

        assert run.run().state == "done"
        row.refresh_from_db()
        assert there.rows()[newer["id"]] == wire.record(Change.of(row))
        assert row.version == 8

    def test_leaves_out_what_waits_for_the_night(self, there, synced):
        synced[0].move(SwitchState.PENDING_CHANGE, notify_by_sms=False)

        assert numbers(compare.compare()) == (0, 0, 0)

    @pytest.mark.parametrize("size", [1, 2, 3])
    def test_goes_page_by_page(self, there, synced, monkeypatch, size):
        monkeypatch.setattr(compare, "PAGE", size)
        there.prepare(lose=[f"account-{synced[2].pk}"])

        this = compare.compare(turn=timedelta())
        assert this.finished_at is None
        while not this.finished_at:
            this = compare.compare(turn=timedelta())

        assert numbers(this) == (1, 0, 0)
        assert Comparison.objects.count() == 1

    def test_counts_a_page_once_when_two_compare(self, there, synced):
        first = Comparison.objects.create(started_at=NIGHT)
        slower = Comparison.objects.get()

        assert compare._next_page(first, http.Gateway())
        assert not compare._next_page(slower, http.Gateway())

    @pytest.mark.parametrize("gateway", ["builtin", "manual"])
    def test_has_nothing_to_compare_with_where_nobody_can_be_asked(self, settings, gateway):
        settings.SYNC_GATEWAY = f"messaging.sync.gateways.{gateway}.Gateway"

        assert compare.compare() is None
        assert not Comparison.objects.exists()


class TestCompareIfDue:
    def test_waits_for_the_night(self, there):
        assert compare.compare_if_due(NIGHT) is None

    def test_compares_once_a_week(self, there, night):
        SyncRunFactory(local_date=NIGHT.date())
        assert compare.compare_if_due(NIGHT).finished_at == NIGHT
        assert compare.compare_if_due(NIGHT) is None

        later = NIGHT + timedelta(days=7)
        night.move_to(later)
        SyncRunFactory(local_date=later.date())

        assert compare.compare_if_due(later).started_at == later

    def test_goes_on_with_what_has_begun(self, there):
        SyncRunFactory(local_date=NIGHT.date())
        Comparison.objects.create(started_at=NIGHT)

        assert compare.compare_if_due(NIGHT).finished_at == NIGHT
        assert EServiceAccount.objects.count() == 0

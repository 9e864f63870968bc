from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from messaging.sync import calendar
from tests.factories import SyncRunFactory

SWEDEN = ZoneInfo("Europe/Stockholm")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SWEDEN)


def promised(now: str, *, last_done_on: str | None) -> date:
    done = date.fromisoformat(last_done_on) if last_done_on else None
    return calendar.expected_usable_from(now=local(now), last_done_on=done)


class TestUsableFrom:
    @pytest.mark.parametrize(
        ("start", "day"),
        [
            ("2026-11-24 03:30", "2026-11-24"),
            ("2026-11-24 11:59", "2026-11-24"),
            ("2026-11-24 12:00", "2026-11-25"),
            ("2026-11-24 16:00", "2026-11-25"),
            ("2026-12-31 16:00", "2027-01-01"),
            ("2028-02-28 16:00", "2028-02-29"),
            # The switch nights: 03:30 exists once on both.
            ("2026-03-29 03:30", "2026-03-29"),
            ("2026-10-25 03:30", "2026-10-25"),
        ],
    )
    def test_is_the_local_date_twelve_hours_after_the_run_began(self, start, day):
        assert calendar.usable_from(local(start)) == date.fromisoformat(day)


class TestWhatThePagePromises:
    @pytest.mark.parametrize(
        ("now", "last_done_on", "day"),
        [
            ("2026-11-23 10:00", "2026-11-23", "2026-11-24"),
            ("2026-11-23 22:01", "2026-11-23", "2026-11-24"),
            # After midnight the night that comes is still today's.
            ("2026-11-24 01:30", "2026-11-23", "2026-11-24"),
            ("2026-11-24 03:29", "2026-11-23", "2026-11-24"),
            ("2026-11-24 03:31", "2026-11-24", "2026-11-25"),
            ("2026-11-27 10:00", "2026-11-27", "2026-11-28"),
            ("2026-12-31 23:59", "2026-12-31", "2027-01-01"),
            ("2028-02-28 10:00", "2028-02-28", "2028-02-29"),
            ("2028-02-29 10:00", "2028-02-29", "2028-03-01"),
            ("2026-03-28 10:00", "2026-03-28", "2026-03-29"),
            ("2026-10-24 10:00", "2026-10-24", "2026-10-25"),
        ],
    )
    def test_is_the_morning_after_the_next_night(self, now, last_done_on, day):
        assert promised(now, last_done_on=last_done_on) == date.fromisoformat(day)

    def test_counts_on_a_missed_night_being_caught_up_at_once(self):
        assert promised("2026-11-24 09:00", last_done_on="2026-11-21") == date(2026, 11, 24)
        assert promised("2026-11-24 14:00", last_done_on="2026-11-21") == date(2026, 11, 25)

    @pytest.mark.parametrize("night", ["2026-03-28", "2026-10-24"])
    def test_is_the_same_at_every_minute_before_a_switch_night(self, night):
        evening = local(f"{night} 12:00")
        last_done_on = date.fromisoformat(night)
        run = calendar.night_of(last_done_on + timedelta(days=1))

        minutes = int((run - evening).total_seconds() // 60)
        days = {
            calendar.expected_usable_from(
                now=evening + timedelta(minutes=minute), last_done_on=last_done_on
            )
            for minute in range(minutes)
        }

        assert days == {last_done_on + timedelta(days=1)}


class TestTheSwitchNights:
    @pytest.mark.parametrize("day", ["2026-10-25", "2027-03-28"])
    def test_keep_at_every_minute_what_the_page_promises(self, day):
        """Beat asks each minute; what is saved then is taken by the next run and by no other."""
        noon = local(f"{day} 12:00").astimezone(UTC)
        last_done_on = date.fromisoformat(day) - timedelta(days=1)
        promises: list[date] = []
        for minute in range(-24 * 60, 24 * 60):
            now = noon + timedelta(minutes=minute)
            if calendar.ledger_date(now) > last_done_on:
                last_done_on = calendar.ledger_date(now)
                activated = calendar.usable_from(now)
                assert {*promises} == {activated}, now
                assert activated == timezone.localtime(now).date()
                promises = []
            promises.append(calendar.expected_usable_from(now=now, last_done_on=last_done_on))

        assert last_done_on == date.fromisoformat(day) + timedelta(days=1)


class TestLedgerDate:
    def test_is_yesterdays_until_the_nightly_hour(self):
        assert calendar.ledger_date(local("2026-11-24 03:29")) == date(2026, 11, 23)
        assert calendar.ledger_date(local("2026-11-24 03:30")) == date(2026, 11, 24)

    def test_follows_the_setting(self, settings):
        settings.NIGHTLY_SYNC_AT = "04:15"

        assert calendar.ledger_date(local("2026-11-24 04:00")) == date(2026, 11, 23)


class TestWelcomeMoment:
    @pytest.mark.parametrize(
        ("usable", "now", "moment"),
        [
            ("2026-11-24", "2026-11-23 10:00", "2026-11-24 09:00"),
            # Saturday: Monday.
            ("2026-11-28", "2026-11-27 10:00", "2026-11-30 09:00"),
            # Christmas Eve is a Thursday on which offices are closed.
            ("2026-12-24", "2026-12-23 10:00", "2026-12-28 09:00"),
            ("2027-01-01", "2026-12-30 10:00", "2027-01-04 09:00"),
            # Usable for long: today.
            ("2026-11-01", "2026-11-24 15:00", "2026-11-24 09:00"),
        ],
    )
    def test_is_nine_on_the_first_working_day(self, usable, now, moment):
        found = calendar.welcome_moment(date.fromisoformat(usable), now=local(now))

        assert found == local(moment)


@pytest.mark.django_db
class TestLastDoneOn:
    def test_passes_over_a_night_that_failed(self):
        SyncRunFactory(local_date=date(2026, 11, 22))
        SyncRunFactory(local_date=date(2026, 11, 23), state="failed")

        assert calendar.last_done_on() == date(2026, 11, 22)

    def test_is_nothing_before_the_first_night(self):
        assert calendar.last_done_on() is None

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from web import dates

MONDAY = date(2026, 11, 23)


class TestInWords:
    @pytest.mark.parametrize(
        ("day", "words"),
        [
            (date(2026, 11, 23), "i dag"),
            (date(2026, 11, 24), "i morgon, tisdag 24 november"),
            (date(2026, 11, 27), "fredag 27 november"),
            (date(2026, 11, 20), "fredag 20 november"),
            (date(2027, 1, 4), "måndag 4 januari 2027"),
        ],
    )
    def test_is_how_people_say_it(self, day, words):
        assert dates.in_words(day, today=MONDAY) == words

    def test_names_the_year_when_tomorrow_is_another(self):
        words = dates.in_words(date(2027, 1, 1), today=date(2026, 12, 31))

        assert words == "i morgon, fredag 1 januari 2027"

    @time_machine.travel(datetime(2026, 11, 22, 23, 30, tzinfo=UTC), tick=False)
    def test_starts_from_the_date_in_sweden(self):
        assert dates.in_words(MONDAY) == "i dag"


class TestMomentInWords:
    @pytest.mark.parametrize(
        ("moment", "words"),
        [
            (datetime(2026, 11, 24, 8, 1, tzinfo=UTC), "24 november kl. 09.01"),
            (datetime(2026, 7, 1, 8, 1, tzinfo=UTC), "1 juli kl. 10.01"),
            (datetime(2025, 12, 31, 23, 30, tzinfo=UTC), "1 januari kl. 00.30"),
            (datetime(2025, 12, 31, 22, 30, tzinfo=UTC), "31 december 2025 kl. 23.30"),
        ],
    )
    @time_machine.travel(datetime(2026, 11, 24, 12, 0, tzinfo=UTC), tick=False)
    def test_is_local_time_with_the_year_only_if_another(self, moment, words):
        assert dates.moment_in_words(moment) == words


class TestIsWorkingDay:
    @pytest.mark.parametrize(
        "day",
        [
            date(2026, 1, 1), date(2026, 1, 6), date(2026, 4, 3), date(2026, 4, 6),
            date(2026, 5, 1), date(2026, 5, 14), date(2026, 6, 19), date(2026, 12, 24),
            date(2026, 12, 25), date(2026, 12, 31), date(2027, 1, 1), date(2028, 6, 6),
            date(2026, 11, 28), date(2026, 11, 29),
        ],
        ids=str,
    )  # fmt: skip
    def test_is_no_holiday_no_eve_and_no_weekend(self, day):
        assert not dates.is_working_day(day)

    @pytest.mark.parametrize(
        "day",
        [date(2026, 1, 5), date(2026, 4, 2), date(2026, 6, 18), date(2026, 12, 30), MONDAY],
        ids=str,
    )
    def test_is_every_other_day(self, day):
        assert dates.is_working_day(day)


class TestWorkingDayFrom:
    def test_is_the_day_itself_when_it_is_one(self):
        assert dates.working_day_from(MONDAY) == MONDAY

    def test_passes_christmas_and_the_weekend(self):
        assert dates.working_day_from(date(2026, 12, 24)) == date(2026, 12, 28)


class TestAddWorkingDays:
    @pytest.mark.parametrize(
        ("start", "count", "end"),
        [
            (MONDAY, 0, MONDAY),
            (MONDAY, 1, date(2026, 11, 24)),
            (date(2026, 11, 27), 1, date(2026, 11, 30)),  # Friday
            (date(2026, 11, 28), 1, date(2026, 11, 30)),  # Saturday
            (date(2026, 12, 23), 2, date(2026, 12, 29)),
            (date(2026, 12, 30), 1, date(2027, 1, 4)),
        ],
    )
    def test_counts_only_working_days(self, start, count, end):
        assert dates.add_working_days(start, count) == end


class TestWorkingDaysBetween:
    def test_does_not_count_the_first_day_but_the_last(self):
        assert dates.working_days_between(MONDAY, MONDAY) == 0
        assert dates.working_days_between(MONDAY, date(2026, 11, 30)) == 5

    def test_is_none_backwards(self):
        assert dates.working_days_between(MONDAY, MONDAY - timedelta(days=9)) == 0

    @given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(0, 30))
    def test_is_what_was_added(self, start, count):
        assert dates.working_days_between(start, dates.add_working_days(start, count)) == count

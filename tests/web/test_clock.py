from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
import time_machine

from web import clock

EVENING = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # past midnight in Sweden


@pytest.fixture
def demo(settings, tmp_path):
    settings.CLOCK_OFFSET_FILE = tmp_path / "demo-clock"


class TestToday:
    @time_machine.travel(EVENING, tick=False)
    def test_is_the_date_in_sweden(self):
        assert clock.today() == date(2026, 11, 24)

    @time_machine.travel(datetime(2026, 7, 1, 21, 59, tzinfo=UTC), tick=False)
    def test_follows_summer_time(self):
        assert clock.today() == date(2026, 7, 1)

        with time_machine.travel(datetime(2026, 7, 1, 22, 0, tzinfo=UTC), tick=False):
            assert clock.today() == date(2026, 7, 2)


class TestNow:
    @time_machine.travel(EVENING, tick=False)
    def test_is_the_machines_time_outside_the_demo(self):
        assert clock.now() == clock.machine_now() == EVENING


class TestMoveTo:
    def test_is_refused_outside_the_demo(self):
        with pytest.raises(RuntimeError):
            clock.move_to(EVENING)

    @time_machine.travel(EVENING, tick=False)
    def test_moves_what_people_see_but_not_the_machine(self, demo):
        later = EVENING + timedelta(days=3)

        clock.move_to(later)

        assert clock.now() == later
        assert clock.today() == date(2026, 11, 27)
        assert clock.machine_now() == EVENING

    def test_goes_on_ticking(self, demo):
        with time_machine.travel(EVENING, tick=False) as traveller:
            clock.move_to(EVENING + timedelta(days=3))
            traveller.shift(90)

            assert clock.now() == EVENING + timedelta(days=3, seconds=90)

    @time_machine.travel(EVENING, tick=False)
    def test_comes_back_with_none_also_twice(self, demo):
        clock.move_to(EVENING + timedelta(days=3))

        clock.move_to(None)
        clock.move_to(None)

        assert clock.now() == EVENING

    def test_is_never_read_half_written(self, demo):
        moving = Thread(target=lambda: [clock.move_to(EVENING) for _ in range(300)])
        moving.start()

        while moving.is_alive():
            clock.now()

        assert abs(clock.now() - EVENING) < timedelta(minutes=1)

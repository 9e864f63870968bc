from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from celery import schedules

from config.celery import app


@pytest.mark.parametrize("name", app.conf.beat_schedule)
def test_beat_names_a_task_that_exists(name):
    app.loader.import_default_modules()

    assert app.conf.beat_schedule[name]["task"] in app.tasks


def test_a_tick_is_dropped_when_the_next_one_has_come():
    for entry in app.conf.beat_schedule.values():
        assert entry["options"]["expires"] <= entry["schedule"]


def test_beat_never_falls_silent_on_the_switch_nights():
    assert app.conf.timezone == "UTC"


def test_a_task_is_killed_long_before_the_broker_would_hand_it_out_again():
    assert app.conf.task_time_limit < 900
    assert app.conf.task_acks_late


@pytest.mark.parametrize(
    "day", [datetime(2026, 10, 25, tzinfo=UTC), datetime(2027, 3, 28, tzinfo=UTC)]
)
def test_beat_ticks_all_through_the_switch_nights(day):
    """Driven as beat drives it, second by second of the hours around the switch."""
    now = day - timedelta(hours=3)
    every = schedules.schedule(timedelta(seconds=60), nowfun=lambda: now, app=app)
    ticks = [now]
    while now < day + timedelta(hours=6):
        due, wait = every.is_due(ticks[-1])
        if due:
            ticks.append(now)
        now += timedelta(seconds=max(1, min(wait, 5)))

    gaps = {later - earlier for earlier, later in pairwise(ticks)}
    assert len(ticks) > 500
    assert max(gaps) <= timedelta(seconds=65)

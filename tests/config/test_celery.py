import pytest

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

from celery import shared_task

from messaging.sync import alarm, compare, readings, run
from messaging.sync.models import BeatTick
from web import clock


@shared_task
def tick() -> None:
    """Beat is alive; run the night if it is due, and tell if the morning comes without it."""
    BeatTick.objects.update_or_create(pk=1, defaults={"at": clock.machine_now()})
    try:
        run.run_if_due(clock.now())
    finally:
        alarm.tell_if_missing(clock.now())
    compare.compare_if_due(clock.now())


@shared_task
def take_readings() -> None:
    """On a tick of its own: an e-service that cannot tell this stops nothing else."""
    readings.take_readings()

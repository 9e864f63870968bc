from celery import shared_task

from messaging.sync import run
from messaging.sync.models import BeatTick
from web import clock


@shared_task
def tick() -> None:
    """Beat is alive; run the night if it is due."""
    BeatTick.objects.update_or_create(pk=1, defaults={"at": clock.machine_now()})
    run.run_if_due(clock.now())

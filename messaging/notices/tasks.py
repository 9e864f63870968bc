from celery import shared_task
from celery.contrib.django.task import DjangoTask

from messaging.notices import delivery, polling
from web import clock


@shared_task(base=DjangoTask)
def deliver_due_notices() -> None:
    """A wake-up: the rows tell what there is to do. Losing it costs one tick of beat."""
    delivery.deliver_due(now=clock.now())


@shared_task(base=DjangoTask)
def ask_providers() -> None:
    """On a tick of its own: a full queue must not keep us from asking what became of the rest."""
    polling.ask_due()

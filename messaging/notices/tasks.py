from celery import shared_task
from celery.contrib.django.task import DjangoTask

from messaging.notices import delivery
from web import clock


@shared_task(base=DjangoTask)
def deliver_due_notices() -> None:
    """A wake-up: the rows tell what there is to do. Losing it costs one tick of beat."""
    delivery.deliver_due(now=clock.now())

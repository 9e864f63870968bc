from celery import shared_task

from messaging.inbox import actions
from web import clock


@shared_task
def release_due_messages() -> None:
    """Asked at each tick: is it morning, and is anybody's service usable?"""
    actions.release_due(now=clock.now())

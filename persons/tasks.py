from celery import shared_task

from persons import sealing
from web import clock


@shared_task
def seal_access_log() -> None:
    """Asked at each tick: has anybody read anything, or has a new day begun?"""
    sealing.seal(now=clock.now())

from celery import shared_task

from onboarding import morning_email
from web import clock


@shared_task
def write_in_the_morning() -> None:
    """Asked at each tick: is it morning, and is there news for somebody who wants to know?"""
    morning_email.write(clock.now())

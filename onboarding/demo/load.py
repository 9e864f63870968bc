from datetime import timedelta

from django.conf import settings
from django.db import transaction

from messaging.sheet import actions as sheet
from messaging.sync import calendar
from messaging.sync.models import SyncRun
from onboarding.demo import colleagues, office, people
from staff.models import Municipality, User
from web import clock

NIGHTS = 6


class NotTheDemo(Exception):
    """Invented people are never mixed with real ones."""


def load() -> bool:
    """Fill an empty database, once. Returns whether it did. Raises NotTheDemo."""
    if not settings.DEMO:
        raise NotTheDemo
    if User.objects.exists():
        return False
    with transaction.atomic():
        staff = office.open_office()
        _nights()
        people.load(staff, sheet.current(municipality=Municipality.load()))
        colleagues.load(staff)
    return True


def _nights() -> None:
    """The runs that have been, so that what is switched on now waits for the next one."""
    latest = calendar.ledger_date(clock.now())
    for day in (latest - timedelta(days=n) for n in range(NIGHTS)):
        start = calendar.night_of(day)
        SyncRun.objects.create(
            local_date=day,
            state=SyncRun.State.DONE,
            started_at=start,
            finished_at=start + timedelta(minutes=2),
            usable_from=calendar.usable_from(start),
            done_count=(day.toordinal() * 7) % 11 + 3,
        )

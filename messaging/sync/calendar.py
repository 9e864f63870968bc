"""The one clock rule: from which local date is what a run synchronises usable."""

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone

from messaging.sync.models import SyncRun
from web import clock, dates

# A run by hand before noon still serves the same day; one after noon serves the next.
HEAD_START = timedelta(hours=12)
# When the welcome becomes readable, on the first working day on which the service is usable.
WELCOME_AT = time(9)


def usable_from(run_start: datetime) -> date:
    """The local date of the start plus twelve hours."""
    return timezone.localtime(run_start + HEAD_START).date()


def night_of(day: date) -> datetime:
    """When the nightly run of a local date starts. That local time exists once on every date."""
    hours, minutes = map(int, settings.NIGHTLY_SYNC_AT.split(":"))
    return datetime.combine(day, time(hours, minutes), tzinfo=timezone.get_default_timezone())


def ledger_date(now: datetime) -> date:
    """Whose night a moment belongs to: until the nightly hour it is still yesterday's."""
    today = timezone.localtime(now).date()
    return today if now >= night_of(today) else today - timedelta(days=1)


def next_run_start(now: datetime, *, last_done_on: date | None) -> datetime:
    """When what is saved now will be taken. A missed night is caught up at once."""
    tonight = ledger_date(now)
    if last_done_on is None or last_done_on < tonight:
        return now
    return night_of(last_done_on + timedelta(days=1))


def expected_usable_from(*, now: datetime | None = None, last_done_on: date | None) -> date:
    """From which date what is saved now can be used, if the next run goes through."""
    return usable_from(next_run_start(now or clock.now(), last_done_on=last_done_on))


def last_done_on() -> date | None:
    """The latest local date whose run has taken all that it could."""
    return (
        SyncRun.objects.came_through()
        .order_by("-local_date")
        .values_list("local_date", flat=True)
        .first()
    )


def welcome_moment(usable: date, *, now: datetime | None = None) -> datetime:
    """When a welcome goes out to a service that can be used from `usable`: 09:00, a working day.

    A moment that has passed means: now.
    """
    today = timezone.localtime(now or clock.now()).date()
    day = dates.working_day_from(max(usable, today))
    return datetime.combine(day, WELCOME_AT, tzinfo=timezone.get_default_timezone())

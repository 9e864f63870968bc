"""Dates as people say them: never a rule, never only a number."""

from datetime import date, datetime, timedelta

import holidays
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from web import clock

_CLOSED = holidays.country_holidays(
    "SE", include_sundays=False, categories=(holidays.PUBLIC, holidays.constants.DE_FACTO)
)


def in_words(day: date, *, today: date | None = None) -> str:
    """ "i dag", "i morgon, tisdag 24 november", "fredag 27 november", with the year if another."""
    today = today or clock.today()
    written = date_format(day, "l j F" if day.year == today.year else "l j F Y")
    if day == today:
        return _("i dag")
    if day == today + timedelta(days=1):
        return _("i morgon, %(date)s") % {"date": written}
    return written


def years_before(day: date, years: int) -> date:
    """The same date, and of 29 February the day before."""
    same = 28 if (day.month, day.day) == (2, 29) else day.day
    return date(day.year - years, day.month, same)


def moment_in_words(moment: datetime, *, time: str = "H.i") -> str:
    """ "24 november kl. 09.01", local time."""
    local = timezone.localtime(moment)
    pattern = "j F" if local.year == clock.today().year else "j F Y"
    return _("%(date)s kl. %(time)s") % {
        "date": date_format(local, pattern),
        "time": date_format(local, time),
    }


def is_working_day(day: date) -> bool:
    """Monday to Friday, and neither a public holiday nor an eve on which offices close."""
    return day.weekday() < 5 and day not in _CLOSED


def working_day_from(day: date) -> date:
    """The day itself, or the first working day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int) -> date:
    for _step in range(count):
        day = working_day_from(day + timedelta(days=1))
    return day


def working_days_between(start: date, end: date) -> int:
    """How many working days lie after `start`, up to and including `end`."""
    days = (end - start).days
    return sum(is_working_day(start + timedelta(days=n)) for n in range(1, days + 1))

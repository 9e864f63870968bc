"""When an SMS may reach a telephone: in the municipality's hours, on working days."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from staff.models import Municipality
from staff.models.municipality import EARLIEST_SMS, LATEST_SMS
from web import dates

# However late the hour: no provider takes an SMS that has already expired.
LEAST_SECONDS = 60


def are_open(now: datetime, municipality: Municipality | None = None) -> bool:
    local, hours = timezone.localtime(now), municipality or Municipality.load()
    return hours.is_sms_time(local.time()) and dates.is_working_day(local.date())


def in_words(municipality: Municipality) -> tuple[str, str]:
    """ "09.00" and "17.00", as they really are."""
    first = max(municipality.sms_from, EARLIEST_SMS)
    last = min(municipality.sms_until, LATEST_SMS)
    return f"{first:%H.%M}", f"{last:%H.%M}"


def seconds_left(now: datetime, municipality: Municipality | None = None) -> int:
    """How long an SMS may wait for a telephone that is off, without waking anybody at night."""
    local, hours = timezone.localtime(now), municipality or Municipality.load()
    end = min(hours.sms_until, LATEST_SMS)
    return max(LEAST_SECONDS, round((_at(local, end) - local).total_seconds()))


def first_from(earliest: datetime) -> datetime:
    """The first opening that is not before this moment: "i morgon kl. 09.00"."""
    local = timezone.localtime(earliest)
    start = max(Municipality.load().sms_from, EARLIEST_SMS)
    day = local.date() if local.time() <= start else local.date() + timedelta(days=1)
    opening = datetime.combine(dates.working_day_from(day), start)
    return timezone.make_aware(opening)


def _at(local: datetime, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(local.date(), hour))

"""The one clock. Everything that asks what time it is asks here."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """The present moment, or in demo mode the moment that the demo has been moved to."""
    return machine_now() + _offset()


def machine_now() -> datetime:
    """Real time also in the demo: leases and heartbeats are about machines."""
    return timezone.now()  # noqa: TID251


def today() -> date:
    """The local date in Sweden."""
    return timezone.localtime(now()).date()


def move_to(moment: datetime | None) -> None:
    """Move the demo's clock for every process at once; None brings it back."""
    if settings.CLOCK_OFFSET_FILE is None:
        raise RuntimeError("Only the demo's clock can be moved.")
    if moment is None:
        settings.CLOCK_OFFSET_FILE.unlink(missing_ok=True)
        return
    seconds = (moment - machine_now()).total_seconds()
    half = settings.CLOCK_OFFSET_FILE.with_suffix(".half")
    half.write_text(str(seconds))
    # At once whole: other processes read it at any moment.
    half.replace(settings.CLOCK_OFFSET_FILE)


def _offset() -> timedelta:
    if settings.CLOCK_OFFSET_FILE is None:
        return timedelta()
    try:
        return timedelta(seconds=float(settings.CLOCK_OFFSET_FILE.read_text()))
    except FileNotFoundError:
        return timedelta()

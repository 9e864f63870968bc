"""How far people have read, as the e-service tells: of what is read no notice need leave."""

from datetime import datetime, timedelta

from django.db.models import Max, Q
from django.db.models.functions import Coalesce

from messaging.sync import run
from messaging.sync.gateways.base import TellsReadings
from persons.models import EServiceAccount
from web import clock

# How far their clock and ours may be apart: better an SMS too many than one that never came.
APART = timedelta(minutes=1)


def take_readings() -> int:
    """Returns for how many it was news. Nobody has to tell."""
    other = run.gateway()
    if not isinstance(other, TellsReadings):
        return 0
    known: datetime | None = EServiceAccount.objects.aggregate(at=Max("read_until"))["at"]
    return sum(_take(reading.key, reading.at) for reading in other.readings(known))


def _take(key: int, at: datetime) -> bool:
    """Only forwards, and never into the future. Who has read has also signed in."""
    read_until = min(at, clock.machine_now()) - APART
    behind = EServiceAccount.objects.filter(
        Q(read_until=None) | Q(read_until__lt=read_until), pk=key
    )
    return bool(
        behind.update(
            read_until=read_until, first_signed_in_at=Coalesce("first_signed_in_at", read_until)
        )
    )

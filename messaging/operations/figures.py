"""How it goes, in numbers: no name, no address, no person. A few questions, each with an index."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from messaging.notices import restoring, sms_hours
from messaging.notices.models import Channel, GatewayState, Notice, ProviderEvent
from messaging.notices.states import NoticeState
from messaging.sync import alarm
from messaging.sync.models import BeatTick
from persons.models import AccessLogEntry, AccessLogSeal
from staff.models import Municipality
from web import clock

# Longer than so and somebody should look (docs/reliability.md).
WAITS = timedelta(minutes=5)
DOUBTS = timedelta(minutes=30)
UNSEALED = timedelta(minutes=10)
SILENT = timedelta(minutes=5)


@dataclass(frozen=True)
class Figures:
    """Ages are in seconds. None: there is nothing that has an age."""

    waiting: int
    oldest_waiting: float | None
    in_doubt: int
    oldest_in_doubt: float | None
    needs_human: int
    handed_over_last_hour: int
    handed_over_last_day: int
    last_report: float | None
    beat: float | None
    oldest_unsealed: float | None
    night_failed: bool
    restored: bool
    stopped_channels: int


def read(now: datetime) -> Figures:
    machine = clock.machine_now()
    waiting, oldest = _waiting(now)
    doubts = Notice.objects.filter(state=NoticeState.IN_DOUBT)
    in_doubt = doubts.aggregate(count=Count("pk"), oldest=Min("started_at"))
    return Figures(
        waiting=waiting,
        oldest_waiting=_age(oldest, now),
        in_doubt=in_doubt["count"],
        oldest_in_doubt=_age(in_doubt["oldest"], machine),
        needs_human=Notice.objects.filter(state=NoticeState.NEEDS_HUMAN).count(),
        handed_over_last_hour=_handed_over_since(machine - timedelta(hours=1)),
        handed_over_last_day=_handed_over_since(machine - timedelta(days=1)),
        last_report=_age(_last_report(), now),
        beat=_age(BeatTick.objects.aggregate(at=Max("at"))["at"], machine),
        oldest_unsealed=_age(_oldest_unsealed(), now),
        night_failed=alarm.is_missing(now),
        restored=restoring.is_restored(),
        stopped_channels=GatewayState.objects.filter(stopped_at__isnull=False).count(),
    )


def alarms(figures: Figures) -> list[str]:
    """What somebody should do something about now, the worst first."""
    found = {
        _("Databasen är återställd från en säkerhetskopia. Inget skickas förrän "
          "after_restore har körts."): figures.restored,
        _("En kanal har stannat."): figures.stopped_channels,
        _("Bakgrundsjobben svarar inte."): _is_older(figures.beat, SILENT, when_none=True),
        _("Nattens synkning är inte klar."): figures.night_failed,
        _("Utskick har väntat i mer än 5 minuter."): _is_older(figures.oldest_waiting, WAITS),
        _("Det har varit oklart i mer än 30 minuter om ett utskick har gått i väg."): _is_older(
            figures.oldest_in_doubt, DOUBTS
        ),
        _("Det finns utskick som behöver kontrolleras."): figures.needs_human,
        _("Åtkomstloggen har inte förseglats på 10 minuter."): _is_older(
            figures.oldest_unsealed, UNSEALED
        ),
    }  # fmt: skip
    return [words for words, rings in found.items() if rings]


def as_text(figures: Figures) -> str:
    """As Prometheus reads it. What has no age is left out."""
    values = {field.name: getattr(figures, field.name) for field in fields(figures)}
    known = {name: value for name, value in values.items() if value is not None}
    return "".join(f"koppla_{name} {float(value):g}\n" for name, value in known.items())


def _waiting(now: datetime) -> tuple[int, datetime | None]:
    """Outside the hours of SMS they do not wait for us, and in the morning not since the night."""
    opening = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    start = Municipality.load().sms_from
    opening = opening.replace(hour=start.hour, minute=start.minute)
    channels = list(Channel) if sms_hours.are_open(now) else [Channel.EMAIL]
    due = Notice.objects.due(now).filter(channel__in=channels).values_list("channel")
    rows = list(due.annotate(count=Count("pk"), oldest=Min("not_before")))
    since = [max(at, opening) if name == Channel.SMS else at for name, _count, at in rows]
    return sum(count for _name, count, _at in rows), min(since, default=None)


def _handed_over_since(moment: datetime) -> int:
    return Notice.objects.filter(started_at__gte=moment).count()


def _last_report() -> datetime | None:
    return ProviderEvent.objects.order_by("-pk").values_list("at", flat=True).first()


def _oldest_unsealed() -> datetime | None:
    seal = AccessLogSeal.objects.order_by("-pk").first()
    unsealed = AccessLogEntry.objects.filter(pk__gt=seal.last if seal else 0)
    return unsealed.order_by("pk").values_list("at", flat=True).first()


def _age(moment: datetime | None, now: datetime) -> float | None:
    return max(0.0, (now - moment).total_seconds()) if moment else None


def _is_older(age: float | None, limit: timedelta, *, when_none: bool = False) -> bool:
    return when_none if age is None else age > limit.total_seconds()

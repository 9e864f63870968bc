"""What comes back: a provider tells what became of a notice, in any order, late, and twice."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from messaging.notices.models import Notice, ProviderEvent
from messaging.notices.sms.base import Receipt
from messaging.notices.states import AWAITED, NoticeState, climb
from web import clock

log = structlog.get_logger(__name__)

# Counted from when it was handed over. A provider that has not told by the last one never will.
LOOKS = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=2),
    timedelta(days=3),
)


def receive(provider: str, ref: UUID, receipt: Receipt) -> None:
    """Keep what was told, then let it change the notice. The same thing again changes nothing."""
    notice = Notice.objects.filter(ref=ref).first()
    _keep(provider, ref, notice, receipt)
    if notice is None:
        log.warning("report of an unknown notice")
    else:
        apply(notice, provider, receipt)


def _keep(provider: str, ref: UUID, notice: Notice | None, receipt: Receipt) -> None:
    event = ProviderEvent(
        provider=provider,
        ref=ref,
        notice=notice,
        provider_id=receipt.provider_id,
        status=receipt.status,
        code=receipt.code,
    )
    ProviderEvent.objects.bulk_create([event], ignore_conflicts=True)


@transaction.atomic
def apply(notice: Notice, provider: str, receipt: Receipt) -> None:
    """Status only climbs. The row is locked: a worker may be writing what it was answered."""
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    if climb(NoticeState(notice.state), receipt.state) != notice.state:
        write(notice, receipt, **_identity(notice, provider, receipt))


def write(notice: Notice, receipt: Receipt, **facts: str) -> bool:
    """Move the notice to what the provider says. False: somebody else has moved it."""
    now = clock.machine_now()
    awaited = receipt.state in AWAITED
    return notice.move(
        receipt.state,
        code=receipt.code,
        settled_at=None if awaited else clock.now(),
        ask_at=next_look(notice.started_at or now, now) if awaited else None,
        **facts,
    )


def _identity(notice: Notice, provider: str, receipt: Receipt) -> dict[str, str]:
    """Unless a look-up has given the id to another notice with the same text and number."""
    if notice.provider_id:
        return {}
    identity = {"provider": provider, "provider_id": receipt.provider_id}
    others = Notice.objects.filter(**identity).exclude(pk=notice.pk)
    return {} if others.exists() else identity


def next_look(handed_over: datetime, now: datetime) -> datetime | None:
    """When to ask next; None when it has been long enough."""
    moments = (handed_over + look for look in LOOKS)
    return next((moment for moment in moments if moment > now), None)

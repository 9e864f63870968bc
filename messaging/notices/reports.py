"""What comes back: a provider tells what became of a notice, in any order, late, and twice."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction

from messaging.notices import outcomes, sms_hours
from messaging.notices.models import Channel, Notice, ProviderEvent
from messaging.notices.outcomes import Remedy
from messaging.notices.sms.base import Receipt
from messaging.notices.states import AWAITED, NoticeState, climb
from messaging.wording.kinds import Kind
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
# A telephone that is off is seldom on again sooner.
AGAIN_AFTER = timedelta(hours=4)


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


@transaction.atomic
def write(notice: Notice, receipt: Receipt, **facts: str) -> bool:
    """Move the notice to what the provider says. False: somebody else has moved it."""
    awaited = receipt.state in AWAITED
    moved = notice.move(
        receipt.state,
        code=receipt.code,
        settled_at=None if awaited else clock.now(),
        ask_at=next_look(notice) if awaited else None,
        **facts,
    )
    if moved:
        _follow_up(notice)
    return moved


@transaction.atomic
def write_taken(taken: list[tuple[Notice, Receipt]]) -> None:
    """What has just been handed over and is awaited. Of that, nothing follows yet."""
    for state in AWAITED:
        ids = {
            notice.pk: receipt.provider_id for notice, receipt in taken if receipt.state == state
        }
        notices = [notice for notice, _receipt in taken if notice.pk in ids]
        if notices:
            ask_at = next_look(notices[0])  # they were claimed together
            moved = Notice.objects.move_all(notices, state, settled_at=None, ask_at=ask_at)
            _write_ids({notice.pk: ids[notice.pk] for notice in moved})


def _write_ids(ids: dict[int, str]) -> None:
    """Each its own, which an UPDATE of Django's does twenty times slower."""
    table = connection.ops.quote_name(Notice._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET provider_id = %s WHERE id = %s",  # noqa: S608  # our own table
            [(provider_id, pk) for pk, provider_id in ids.items()],
        )


def _follow_up(notice: Notice) -> None:
    """Once more tomorrow what a telephone that is off did not take; not if it did after all."""
    outcome = outcomes.of(notice)
    if outcome and outcome.remedy is Remedy.TRY_AGAIN:
        # A test is for who is in the room: tomorrow it would surprise.
        if notice.again_for_id is None and notice.kind != Kind.TEST:
            _try_again(notice)
    elif again := Notice.objects.filter(again_for=notice, state=NoticeState.QUEUED).first():
        again.move(NoticeState.CANCELLED, code="arrived", settled_at=clock.now())


def _try_again(notice: Notice) -> None:
    """A notice of its own: nobody can take it for the first, and it happens once."""
    same = (
        "kind", "channel", "person", "address", "sender", "subject", "text", "html", "sheet",
        "newest_at",
    )  # fmt: skip
    Notice.objects.get_or_create(
        dedupe_key=f"{notice.dedupe_key}:again",
        defaults={
            **{name: getattr(notice, name) for name in same},
            "again_for": notice,
            "created_by": notice.created_by,
            "not_before": sms_hours.first_from(clock.now() + AGAIN_AFTER),
        },
    )


def _identity(notice: Notice, provider: str, receipt: Receipt) -> dict[str, str]:
    """Unless a look-up has given the id to another notice with the same text and number."""
    if notice.provider_id or notice.is_anothers(provider, receipt.provider_id):
        return {}
    return {"provider": provider, "provider_id": receipt.provider_id}


def next_look(notice: Notice) -> datetime | None:
    """When to ask next; None when it has been long enough. Of e-mail nobody can be asked."""
    now = clock.machine_now()
    looks = LOOKS if notice.channel == Channel.SMS else LOOKS[-1:]
    since = notice.started_at or notice.created_at
    moments = (since + look for look in looks)
    return next((moment for moment in moments if moment > now), None)

"""Queueing a notice: the row is written with what it is about, and the worker is woken."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.crypto import salted_hmac

from messaging.notices import addresses, restoring, tasks, texts
from messaging.notices.models import Channel, Notice
from messaging.notices.states import NoticeState
from messaging.sheet.models import SheetVersion
from messaging.wording.kinds import Kind
from persons.models import EServiceAccount, Person
from staff.models import Municipality, User
from web import clock

ONE_AN_HOUR = timedelta(hours=1)


@transaction.atomic
def queue(
    *,
    kind: Kind,
    account: EServiceAccount,
    about: str,
    sheet: SheetVersion | None,
    by: User | None,
    only_new_addresses: bool = False,
    written_at: datetime | None = None,
    urgent: bool = False,
) -> list[Notice]:
    """Queue one neutral notice per channel that the person has chosen.

    `about` is what the notice is for, for example "message 17": the same thing twice is one
    notice per channel. `only_new_addresses` leaves out where the person has been told before.
    `written_at` is when it came to be: what a restored backup already held may have been told.
    `urgent` is what somebody stands and waits for. All else is bundled: an address is told once
    an hour that something has come, and what waits there already tells it.
    """
    municipality = Municipality.load()
    may_have_left_since = written_at and restoring.backup_with(written_at)
    notices = []
    sent = Notice.objects.filter(person=account.person, kind=kind)
    told = set(sent.exclude(state=NoticeState.CANCELLED).values_list("address", flat=True))
    for channel, address in _where(kind, account).items():
        if only_new_addresses and address in told:
            continue
        to_the_same = Notice.objects.filter(person=account.person, address=address, urgent=False)
        waiting = to_the_same.filter(state=NoticeState.QUEUED)
        if not urgent and waiting.update(newest_at=clock.now()):
            continue
        written = texts.write(kind, channel, municipality, account.person.language)
        key = dedupe_key(kind, about, channel)
        notice, new = Notice.objects.get_or_create(
            dedupe_key=key,
            defaults={
                "ref": _reference(key),
                "kind": kind,
                "channel": channel,
                "person": account.person,
                "address": address,
                "sheet": sheet if channel == Channel.EMAIL else None,
                "created_by": by,
                "not_before": _next_turn(to_the_same, urgent),
                "urgent": urgent,
                "may_have_left_since": may_have_left_since,
                **vars(written),
            },
        )
        if new:
            notices.append(notice)
    if notices:
        # On commit: a worker must never look for a row that is not there yet.
        tasks.deliver_due_notices.delay_on_commit()
    return notices


def _where(kind: Kind, account: EServiceAccount) -> dict[Channel, str]:
    """Where the person has chosen. A test is of the mobile number alone."""
    chosen = addresses.chosen(account)
    if kind != Kind.TEST:
        return chosen
    return {channel: chosen[channel] for channel in chosen if channel == Channel.SMS}


def dedupe_key(kind: Kind, about: str, channel: Channel) -> str:
    return f"{kind}:{about}:{channel}"


def _next_turn(to_the_same: QuerySet[Notice], urgent: bool) -> datetime:
    """An hour after the last one that left. What was stopped before that told nobody anything."""
    now = clock.now()
    last = None if urgent else to_the_same.aggregate(at=Max("started_at"))["at"]
    return last + ONE_AN_HOUR if last else now


def _reference(key: str) -> UUID:
    """The same for the same thing, also in a restored database, and nobody else can guess it."""
    digest = salted_hmac("messaging.notices", key, algorithm="sha256").digest()
    return UUID(bytes=digest[:16], version=4)


@transaction.atomic
def cancel_waiting(*, person: Person, code: str) -> None:
    """Stop what has not been handed over. What is in flight cannot be called back."""
    for notice in Notice.objects.filter(person=person, state=NoticeState.QUEUED):
        notice.move(NoticeState.CANCELLED, code=code, settled_at=clock.now())

"""Queueing a notice: the row is written with what it is about, and the worker is woken."""

from datetime import datetime

from django.db import transaction

from messaging.notices import addresses, tasks, texts
from messaging.notices.models import Channel, Kind, Notice
from messaging.notices.states import NoticeState
from messaging.sheet.models import SheetVersion
from persons.models import EServiceAccount, Person
from staff.models import Municipality, User
from web import clock


@transaction.atomic
def queue(
    *,
    kind: Kind,
    account: EServiceAccount,
    about: str,
    sheet: SheetVersion | None,
    by: User | None,
    not_before: datetime | None = None,
    only_new_addresses: bool = False,
) -> list[Notice]:
    """Queue one neutral notice per channel that the person has chosen.

    `about` is what the notice is for, for example "message 17": the same thing twice is one
    notice per channel. `only_new_addresses` leaves out where the person has been told before.
    """
    municipality = Municipality.load()
    notices = []
    sent = Notice.objects.filter(person=account.person, kind=kind)
    told = set(sent.exclude(state=NoticeState.CANCELLED).values_list("address", flat=True))
    for channel, address in addresses.chosen(account).items():
        if only_new_addresses and address in told:
            continue
        written = texts.write(kind, channel, municipality)
        notice, new = Notice.objects.get_or_create(
            dedupe_key=f"{kind}:{about}:{channel}",
            defaults={
                "kind": kind,
                "channel": channel,
                "person": account.person,
                "address": address,
                "sheet": sheet if channel == Channel.EMAIL else None,
                "created_by": by,
                "not_before": not_before or clock.now(),
                **vars(written),
            },
        )
        if new:
            notices.append(notice)
    if notices:
        # On commit: a worker must never look for a row that is not there yet.
        tasks.deliver_due_notices.delay_on_commit()
    return notices


@transaction.atomic
def cancel_waiting(*, person: Person, code: str) -> None:
    """Stop what has not been handed over. What is in flight cannot be called back."""
    for notice in Notice.objects.filter(person=person, state=NoticeState.QUEUED):
        notice.move(NoticeState.CANCELLED, code=code, settled_at=clock.now())

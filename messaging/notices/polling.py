"""Providers that do not tell are asked, and at last believed to have nothing to tell."""

import time

import structlog

from messaging.notices import handing_over, reports
from messaging.notices.models import Channel, Notice
from messaging.notices.sms.base import Receipt
from messaging.notices.states import NoticeState
from web import clock

log = structlog.get_logger(__name__)

# As many as one tick of beat has time for when each answer takes a second.
AT_MOST = 50
ROUND_SECONDS = 60


def ask_due() -> int:
    """Ask about those whose report is late. Returns how many."""
    end = time.monotonic() + ROUND_SECONDS
    due = Notice.objects.to_ask_about(clock.machine_now()).order_by("ask_at", "pk")[:AT_MOST]
    return sum(_ask(notice) for notice in due if time.monotonic() < end)


def _ask(notice: Notice) -> bool:
    then = reports.next_look(notice)
    # Two workers: one of them asks. And one that cannot be asked does not stand first for ever.
    if not Notice.objects.filter(pk=notice.pk, ask_at=notice.ask_at).update(ask_at=then):
        return False
    try:
        receipts = _find(notice)
    except Exception as error:  # the others are to be asked all the same
        log.warning("provider not asked", notice=str(notice.ref), error=type(error).__name__)
        receipts = []
    if len(receipts) == 1:
        reports.receive(notice.provider, notice.ref, receipts[0])
    if then is None:
        nothing = Receipt(notice.provider_id, NoticeState.NO_REPORT)
        reports.apply(notice, notice.provider, nothing)
    return True


def _find(notice: Notice) -> list[Receipt]:
    """Of e-mail it is known that it left, and of the rest no provider can be asked."""
    return handing_over.find(notice) if notice.channel == Channel.SMS else []

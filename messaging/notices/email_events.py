"""What a provider of e-mail tells, in Anymail's words for all of them."""

from typing import Any
from uuid import UUID

import structlog
from anymail.signals import tracking
from django.db import OperationalError
from django.dispatch import receiver

from messaging.notices import reports
from messaging.notices.sms.base import Receipt
from messaging.notices.states import NoticeState

log = structlog.get_logger(__name__)

# Others, such as who has opened what, are nothing that we want to know.
STATES = {
    "queued": NoticeState.ACCEPTED,
    "sent": NoticeState.SENT,
    "deferred": NoticeState.SENT,  # the provider tries again by itself
    "delivered": NoticeState.DELIVERED,
    "bounced": NoticeState.UNDELIVERED,
    "rejected": NoticeState.UNDELIVERED,
    "failed": NoticeState.FAILED,
    "complained": NoticeState.SUPPRESSED,
    "unsubscribed": NoticeState.SUPPRESSED,
}


# The one signal of this house: Anymail's view has no other way to hand on what it has read.
@receiver(tracking)
def receive(*, event: Any, **_: Any) -> None:
    """Never raises for what is in the event: the provider would send all of it for ever."""
    try:
        _receive(event)
    except OperationalError:  # no database: here it is right to be told again
        raise
    except Exception as error:
        log.error("email event not read", error=type(error).__name__)


def _receive(event: Any) -> None:
    state = STATES.get(event.event_type)
    if state is None:
        return
    ref = UUID(event.metadata["ref"])
    reports.receive("email", ref, _receipt(event, state))


def _receipt(event: Any, state: NoticeState) -> Receipt:
    code = _code(event) if state in _WITH_A_REASON else ""
    if code == "unsubscribed":
        state = NoticeState.SUPPRESSED
    return Receipt(event.message_id or "", state, code=code, status=event.event_type)


_WITH_A_REASON = {NoticeState.UNDELIVERED, NoticeState.FAILED, NoticeState.SUPPRESSED}


def _code(event: Any) -> str:
    # Anymail calls a full inbox at Brevo the same as an address that is not there.
    if event.esp_event and event.esp_event.get("event") == "soft_bounce":
        return "timed_out"
    return event.reject_reason or str(event.event_type)

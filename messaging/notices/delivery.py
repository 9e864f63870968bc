"""From the outbox row to the provider. Celery wakes it, the database decides.

No network call without a committed intent; no second one without proof that the first never
left; nothing is held open during the call.
"""

import time
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction

from messaging.notices import (
    addresses,
    breaker,
    handing_over,
    neutral,
    reports,
    restoring,
    sms_hours,
)
from messaging.notices.models import Channel, Notice
from messaging.notices.sms.base import (
    NotTaken,
    OptedOut,
    Receipt,
    Unavailable,
    Unknown,
    WrongAddress,
)
from messaging.notices.states import NoticeState
from messaging.wording import revealing
from messaging.wording.kinds import Kind
from messaging.wording.revealing import Lookout
from staff.models import Municipality
from web import clock

log = structlog.get_logger(__name__)

# What must be left of the lease when the call starts: the call itself, and a margin.
CALL_SECONDS = 15
# Then the next tick goes on: Celery kills a task that takes 120 seconds, also in mid-call.
ROUND_SECONDS = 60
MAX_FAILURES = 8
MAX_NEGATIVE_CHECKS = 2
# Whoever was in the room has gone home.
TEST_WAITS = timedelta(minutes=15)
# A provider that has not answered for so long is asked no more.
ASK_FOR = timedelta(days=1)


def deliver_due(*, now: datetime) -> int:
    """Send what may leave now, as much as one round allows. Returns how many were handed over.

    Raises Restored when the database is older than what has been sent from it.
    """
    restoring.require_current()
    end = time.monotonic() + ROUND_SECONDS
    settle_doubts(end)
    known = revealing.lookout(Municipality.load())
    count = 0
    while time.monotonic() < end and (claimed := claim(now=now)):
        notice, deadline = claimed
        _send(notice, deadline, known)
        count += 1
    breaker.tell()
    return count


def claim(*, now: datetime) -> tuple[Notice, float] | None:
    """Commit the intent to send one notice, and the monotonic time until which we may start."""
    channels = _open_channels(now)
    taken: list[int] = []
    while True:
        waiting = Notice.objects.due(now).filter(channel__in=channels).exclude(pk__in=taken)
        waiting = waiting.exclude(address__in=Notice.objects.addresses_in_flight())
        first = waiting.select_related("person__account", "sheet").in_order().first()
        if first is None:
            return None
        if reason := why_not(first):
            first.move(NoticeState.CANCELLED, code=reason, settled_at=clock.now())
        elif first.may_have_left_since:
            _ask_first(first)
        elif deadline := _claim_one(first, channels[Channel(first.channel)]):
            return first, deadline
        taken.append(first.pk)


def _claim_one(notice: Notice, provider: str) -> float | None:
    started = time.monotonic()
    lease = timedelta(seconds=settings.NOTICE_LEASE_SECONDS)
    now = clock.machine_now()
    seen = restoring.outside()
    try:
        with transaction.atomic():
            mine = notice.move(
                NoticeState.SENDING,
                attempt=notice.attempt + 1,
                provider=provider,
                started_at=now,
                lease_until=now + lease,
            )
            mark = restoring.count_claim(seen)
    except IntegrityError:  # another notice to the same address is in flight
        return None
    restoring.write_down(mark)
    return started + settings.NOTICE_LEASE_SECONDS - CALL_SECONDS if mine else None


def _ask_first(notice: Notice) -> None:
    """As if a worker had died with it: the backup does not know what happened after it."""
    now = clock.machine_now()
    with suppress(IntegrityError), transaction.atomic():  # one at a time for each address
        notice.move(NoticeState.IN_DOUBT, code="restored", started_at=now, check_after=now)


def why_not(notice: Notice) -> str:
    """Asked again at the last moment: may this still leave? Empty means yes."""
    person = notice.person
    if person.is_protected:
        return "protected"
    if person.deceased_on:
        return "deceased"
    if reason := _nothing_to_tell(notice):
        return reason
    address = addresses.chosen(person.account).get(Channel(notice.channel))
    if address is None:
        return "channel_off"
    # A number that was wrong may be somebody else's.
    return "" if notice.address == address else "address_changed"


def _nothing_to_tell(notice: Notice) -> str:
    account = notice.person.account
    if notice.kind == Kind.TEST:
        # It is about the number, also before the e-service can be used.
        return "too_late" if notice.created_at < clock.now() - TEST_WAITS else ""
    if not account.is_usable:
        return "closed"
    return "read" if account.has_read(notice.newest_at) else ""


def _open_channels(now: datetime) -> dict[Channel, str]:
    """Where something may leave now, and through whom. E-mail disturbs nobody's night."""
    awake = list(Channel) if sms_hours.are_open(now) else [Channel.EMAIL]
    first = {channel: handing_over.first_open(channel) for channel in awake}
    return {channel: name for channel, name in first.items() if name}


def _send(notice: Notice, deadline: float, known: Lookout) -> None:
    if time.monotonic() > deadline:
        # Frozen since the claim: somebody else may already be asking what became of it.
        return
    if neutral.reveals(notice, known):
        outcome = _settle(notice, NoticeState.NEEDS_HUMAN, "revealing")
    else:
        outcome = _attempt(notice, deadline)
    log.info("notice handled", notice=str(notice.ref), state=notice.state, code=outcome)


def _attempt(notice: Notice, deadline: float) -> str:
    """Hand it over and write down what that proved. Returns the code."""
    try:
        _accept(notice, handing_over.hand_over(notice, deadline))
    except Unavailable as error:
        # Nothing is wrong with the notice: it keeps its attempts, and its place in the queue.
        notice.move(NoticeState.QUEUED, code=error.code)
        return error.code
    except NotTaken as error:
        return _retry(notice, error.code)
    except WrongAddress as error:
        is_unwanted = isinstance(error, OptedOut)
        state = NoticeState.SUPPRESSED if is_unwanted else NoticeState.FAILED
        reports.write(notice, Receipt("", state, error.code))
        return error.code
    except Exception as error:  # a poisoned notice must not stop the others
        if not isinstance(error, Unknown):
            name = type(error).__name__
            log.error("notice could not be handled", notice=str(notice.ref), error=name)
        return doubt(notice)
    return ""


def _accept(notice: Notice, receipt: Receipt) -> None:
    reports.write(notice, receipt, provider=notice.provider, provider_id=receipt.provider_id)


def _retry(notice: Notice, code: str) -> str:
    failures = notice.failures + 1
    if failures >= MAX_FAILURES:
        return _settle(notice, NoticeState.NEEDS_HUMAN, code)
    later = clock.now() + timedelta(minutes=2**failures)
    notice.move(NoticeState.QUEUED, code=code, not_before=later, failures=failures)
    return code


def _settle(notice: Notice, state: NoticeState, code: str) -> str:
    notice.move(state, code=code, settled_at=clock.now())
    return code


def doubt(notice: Notice) -> str:
    """We do not know. Ask the provider when it has had time to show what it took."""
    later = clock.machine_now() + timedelta(seconds=settings.NOTICE_SETTLE_SECONDS)
    notice.move(NoticeState.IN_DOUBT, code="unknown", check_after=later, negative_checks=0)
    return "unknown"


def settle_doubts(end: float) -> None:
    """Workers that died leave notices in flight: find out what became of each."""
    now = clock.machine_now()
    for notice in Notice.objects.filter(state=NoticeState.SENDING, lease_until__lt=now):
        doubt(notice)
    in_doubt = Notice.objects.filter(state=NoticeState.IN_DOUBT, check_after__lt=now)
    for notice in in_doubt.select_related("sheet").order_by("check_after", "pk"):
        if time.monotonic() < end:
            _look_up(notice)


def _look_up(notice: Notice) -> None:
    try:
        receipts = handing_over.find(notice)
    except Unknown:
        _settle(notice, NoticeState.NEEDS_HUMAN, "cannot_ask")
    except Exception as error:  # one that cannot be looked up must not stop the others
        log.error("notice not looked up", notice=str(notice.ref), error=type(error).__name__)
        _ask_later(notice)
    else:
        # A report may give the id to another notice this very moment: the next round sees that.
        with suppress(IntegrityError):
            _conclude(notice, receipts)


def _conclude(notice: Notice, receipts: list[Receipt]) -> None:
    if len(receipts) == 1:
        _accept(notice, receipts[0])
    elif receipts:  # with the same text and number: nobody can tell which it is
        _settle(notice, NoticeState.NEEDS_HUMAN, "several")
    elif notice.negative_checks + 1 >= MAX_NEGATIVE_CHECKS:
        _never_left(notice)
    else:
        _ask_again(notice, negative_checks=notice.negative_checks + 1)


def _ask_later(notice: Notice) -> None:
    """The provider did not answer, which says nothing of the notice."""
    if notice.started_at and notice.started_at < clock.machine_now() - ASK_FOR:
        _settle(notice, NoticeState.NEEDS_HUMAN, "no_answer")
    else:
        _ask_again(notice)


def _ask_again(notice: Notice, **facts: int) -> None:
    later = clock.machine_now() + timedelta(seconds=settings.NOTICE_SETTLE_SECONDS / 3)
    in_doubt = Notice.objects.filter(pk=notice.pk, state=NoticeState.IN_DOUBT)
    in_doubt.update(check_after=later, **facts)


def _never_left(notice: Notice) -> None:
    failures = notice.failures + 1
    if failures >= MAX_FAILURES:
        _settle(notice, NoticeState.NEEDS_HUMAN, "never_left")
    else:
        facts = {"failures": failures, "may_have_left_since": None}
        notice.move(NoticeState.QUEUED, code="never_left", **facts)

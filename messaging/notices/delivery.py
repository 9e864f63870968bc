"""From the outbox row to the provider. Celery wakes it, the database decides.

No network call without a committed intent; no second one without proof that the first never
left; nothing is held open during the call.
"""

import time
from collections import deque
from contextlib import closing, suppress
from dataclasses import dataclass, field
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
from messaging.notices.handing_over import Lines
from messaging.notices.models import Channel, Notice
from messaging.notices.sms.base import (
    NotTaken,
    OptedOut,
    Receipt,
    Unavailable,
    Unknown,
    WrongAddress,
)
from messaging.notices.states import AWAITED, NoticeState
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
# So long a batch may take, and so many it may be.
BATCH_SECONDS, AT_MOST = 0.5, 100
MAX_FAILURES = 8
MAX_NEGATIVE_CHECKS = 2
# Whoever was in the room has gone home.
TEST_WAITS = timedelta(minutes=15)
# A provider that has not answered for so long is asked no more.
ASK_FOR = timedelta(days=1)
# A hundred kilobytes that are not read for each notice.
_BY_ITSELF = ("sheet__pdf", "sheet__html")


@dataclass
class Round:
    """What is kept from one notice to the next."""

    known: Lookout
    lines: Lines = field(default_factory=Lines)


@dataclass
class Batch:
    """Notices that are claimed together, for one provider."""

    notices: list[Notice]
    # The monotonic time until which we may start.
    deadline: float
    # The provider, as long as it takes all without being asked for each.
    well: set[str]


def deliver_due(*, now: datetime) -> int:
    """Send what may leave now, as much as one round allows. Returns how many were handed over.

    Raises Restored when the database is older than what has been sent from it.
    """
    restoring.require_current()
    end = time.monotonic() + ROUND_SECONDS
    settle_doubts(end)
    round_ = Round(revealing.lookout(Municipality.load()))
    count, size = 0, 1
    with closing(round_.lines):
        while time.monotonic() < end and (batch := claim(now=now, at_most=size)):
            started = time.monotonic()
            count += _send_all(batch, round_)
            size = _next_size(len(batch.notices), time.monotonic() - started)
    breaker.tell()
    return count


def _next_size(size: int, seconds: float) -> int:
    """More at a time while that is quick: where a worker dies, what it had claimed is in doubt."""
    return min(2 * size, AT_MOST) if seconds < BATCH_SECONDS / 2 else max(1, size // 2)


def claim(*, now: datetime, at_most: int = 1) -> Batch | None:
    """Commit the intent to send some that go the same way."""
    channels = _open_channels(now)
    seen: list[int] = []
    while True:
        waiting = Notice.objects.due(now).filter(channel__in=channels).exclude(pk__in=seen)
        waiting = waiting.exclude(address__in=Notice.objects.addresses_in_flight())
        waiting = waiting.select_related("person__account", "sheet").defer(*_BY_ITSELF)
        first = list(waiting.in_order()[:at_most])
        if not first:
            return None
        channel = Channel(first[0].channel)
        provider = channels[channel]
        well = {provider} if breaker.is_well(provider) else set()
        looked_at = [one for one in first if one.channel == channel] if well else first[:1]
        ready: dict[str, Notice] = {}
        for notice in looked_at:
            if notice.address not in ready and _may_leave(notice):
                ready[notice.address] = notice
        if ready and (batch := _claim_all(list(ready.values()), provider, well)):
            return batch
        seen += [one.pk for one in looked_at]


def _may_leave(notice: Notice) -> bool:
    if reason := why_not(notice):
        notice.move(NoticeState.CANCELLED, code=reason, settled_at=clock.now())
    elif notice.may_have_left_since:
        _ask_first(notice)
    else:
        return True
    return False


def _claim_all(notices: list[Notice], provider: str, well: set[str]) -> Batch | None:
    started = time.monotonic()
    lease = timedelta(seconds=settings.NOTICE_LEASE_SECONDS)
    now = clock.machine_now()
    seen = restoring.outside()
    try:
        with transaction.atomic():
            # First: it is one row, and so one worker claims at a time.
            mark = restoring.count_claim(seen)
            mine = Notice.objects.move_all(
                notices,
                NoticeState.SENDING,
                attempts=1,
                provider=provider,
                started_at=now,
                lease_until=now + lease,
            )
    except IntegrityError:  # another notice to one of the addresses is in flight
        return _claim_all(notices[:1], provider, well) if notices[1:] else None
    restoring.write_down(mark)
    deadline = started + settings.NOTICE_LEASE_SECONDS - CALL_SECONDS
    return Batch(mine, deadline, well) if mine else None


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


def _send_all(batch: Batch, round_: Round) -> int:
    """What it took too long to come to, or comes after a fault, goes back to the queue."""
    end = time.monotonic() + BATCH_SECONDS
    rest, taken = deque(batch.notices), []
    try:
        while rest:
            notice = rest.popleft()
            if receipt := _send(notice, batch, round_):
                taken.append((notice, receipt))
            if not batch.well or time.monotonic() > end:
                break
    finally:
        _accept_all(taken)
        if rest:
            Notice.objects.move_all([*rest], NoticeState.QUEUED, code="waits")
    return len(batch.notices) - len(rest)


def _send(notice: Notice, batch: Batch, round_: Round) -> Receipt | None:
    """What is to be written down of it, if that has not been done."""
    if time.monotonic() > batch.deadline:
        # Frozen since the claim: somebody else may already be asking what became of it.
        return None
    if neutral.reveals(notice, round_.known):
        _settle(notice, NoticeState.NEEDS_HUMAN, "revealing")
        receipt = None
    else:
        receipt = _attempt(notice, batch, round_)
    state = receipt.state if receipt else notice.state
    log.info("notice handled", notice=str(notice.ref), state=state, code=notice.last_code)
    return receipt


def _attempt(notice: Notice, batch: Batch, round_: Round) -> Receipt | None:
    """Hand it over, and write down what that proved, if it was not just taken."""
    try:
        return handing_over.hand_over(notice, batch.deadline, round_.lines, batch.well)
    except Unavailable as error:
        # Nothing is wrong with the notice: it keeps its attempts, and its place in the queue.
        notice.move(NoticeState.QUEUED, code=error.code)
    except NotTaken as error:
        _retry(notice, error.code)
    except WrongAddress as error:
        is_unwanted = isinstance(error, OptedOut)
        state = NoticeState.SUPPRESSED if is_unwanted else NoticeState.FAILED
        reports.write(notice, Receipt("", state, error.code))
    except Exception as error:  # a poisoned notice must not stop the others
        if not isinstance(error, Unknown):
            name = type(error).__name__
            log.error("notice could not be handled", notice=str(notice.ref), error=name)
        doubt(notice)
    return None


def _accept_all(taken: list[tuple[Notice, Receipt]]) -> None:
    """Together what the provider has and owes us a report of, the rest one by one."""
    awaited: list[tuple[Notice, Receipt]] = []
    others: list[tuple[Notice, Receipt]] = []
    for one in taken:
        is_simple = one[1].state in AWAITED and not one[1].code
        (awaited if is_simple else others).append(one)
    try:
        reports.write_taken(awaited)
    except IntegrityError:  # the id of one is another's
        for notice, _receipt in awaited:
            notice.refresh_from_db()
        others = taken
    for notice, receipt in others:
        try:
            _accept(notice, receipt)
        except IntegrityError:
            log.error("notice has another's id", notice=str(notice.ref))
            doubt(notice)


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
    for notice in in_doubt.select_related("sheet").defer(*_BY_ITSELF).order_by("check_after", "pk"):
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

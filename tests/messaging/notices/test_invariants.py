"""The five invariants of delivery: one aimed test each, and a mutant that it must catch.

The tests run every day, on both databases. `-m verification` breaks each rule in turn, and shows
that its test then fails: a test that nothing can make fail guards nothing.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connections, transaction

from messaging.notices import delivery, reports, restoring
from messaging.notices.delivery import Batch
from messaging.notices.models import NotAllowed, Notice, ProviderEvent
from messaging.notices.sms import locmem
from messaging.notices.sms.base import Receipt, Sms
from messaging.notices.states import NoticeState
from messaging.wording.revealing import Lookout
from tests.factories import NoticeFactory
from tests.messaging.notices import gateways
from web import clock

HERE = "tests.messaging.notices.test_invariants"
S = NoticeState
# What a mutant never ends.
unfinished = ExitStack()


class Watching(gateways.Provider):
    """Looks, while it is called, at what others can see: on a connection of its own."""

    seen: list[str] = []

    def send(self, sms: Sms) -> Receipt:
        with ThreadPoolExecutor(1) as another:
            self.seen.append(another.submit(_committed, sms.reference).result())
        return super().send(sms)


def _committed(reference: str) -> str:
    try:
        return str(Notice.objects.get(ref=reference).state)
    finally:
        connections.close_all()


class Deaf(gateways.Deaf):
    """Has taken it, shows it late, and does not answer."""


@pytest.fixture(autouse=True)
def morning(time_machine, settings):
    time_machine.move_to("2026-11-24T10:00:00+01:00", tick=False)
    gateways.taken.clear()
    Watching.seen.clear()
    return time_machine


def state(notice: Notice) -> str:
    return Notice.objects.values_list("state", flat=True).get(pk=notice.pk)


def intent_comes_first(settings) -> None:
    settings.SMS_GATEWAY = f"{HERE}.Watching"
    NoticeFactory()

    delivery.deliver_due(now=clock.now())

    assert Watching.seen == [S.SENDING]


def proof_comes_before_another_attempt(settings) -> None:
    settings.SMS_GATEWAY = f"{HERE}.Deaf"
    notice = NoticeFactory()

    delivery.deliver_due(now=clock.now())

    assert state(notice) == S.IN_DOUBT


def the_lease_is_read_again_before_the_call(settings) -> None:
    restoring.require_current()
    notice = NoticeFactory()
    batch = delivery.claim(now=clock.now())
    batch.deadline = time.monotonic() - 1

    delivery._send_all(batch, delivery.Round(Lookout()))

    assert locmem.outbox == []
    assert state(notice) == S.SENDING


def who_no_longer_owns_the_row_writes_nothing(settings) -> None:
    restoring.require_current()
    notice = NoticeFactory()
    claimed = delivery.claim(now=clock.now()).notices[0]
    Notice.objects.filter(pk=notice.pk).update(attempt=2)

    claimed.move(S.QUEUED, code="not_taken")

    assert state(notice) == S.SENDING


def status_only_climbs(settings) -> None:
    notice = NoticeFactory(state=S.SENT, attempt=1)

    for told in (S.DELIVERED, S.UNDELIVERED):
        reports.receive("provider", notice.ref, Receipt("id-1", told, status=told))

    assert state(notice) == S.DELIVERED
    assert ProviderEvent.objects.count() == 2


def _claim_without_writing(notices: list[Notice], provider: str, well: set[str]) -> Batch:
    return Batch(notices, time.monotonic() + 60, well)


def _claim_without_committing(notices: list[Notice], provider: str, well: set[str]) -> Batch:
    unfinished.enter_context(transaction.atomic())
    mine = Notice.objects.move_all(notices, S.SENDING, attempts=1, provider=provider)
    return Batch(mine, time.monotonic() + 60, well)


def _back_to_the_queue(notice: Notice) -> str:
    notice.move(S.QUEUED, code="unknown", not_before=clock.now() + timedelta(minutes=2))
    return "unknown"


def _send_anyway(notice: Notice, batch: Batch, round_: delivery.Round) -> Receipt | None:
    batch.deadline = time.monotonic() + 60
    return delivery._attempt(notice, batch, round_)


def _move_whatever_it_is_now(self: Notice, to: S, *, code: str = "", **facts: object) -> bool:
    Notice.objects.filter(pk=self.pk).update(state=to, last_code=code, **facts)
    self.refresh_from_db()
    return True


def _believe_the_latest(old: S, told: S) -> S:
    return told


INVARIANTS = {
    "intent": (intent_comes_first, "messaging.notices.delivery._claim_all", _claim_without_writing),
    "committed": (
        intent_comes_first,
        "messaging.notices.delivery._claim_all",
        _claim_without_committing,
    ),
    "proof": (
        proof_comes_before_another_attempt,
        "messaging.notices.delivery.doubt",
        _back_to_the_queue,
    ),
    "lease": (
        the_lease_is_read_again_before_the_call,
        "messaging.notices.delivery._send",
        _send_anyway,
    ),
    "owner": (
        who_no_longer_owns_the_row_writes_nothing,
        "messaging.notices.models.Notice.move",
        _move_whatever_it_is_now,
    ),
    "climbs": (status_only_climbs, "messaging.notices.reports.climb", _believe_the_latest),
}


# In transactions that end: inside one that is rolled back nothing is ever committed.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "aimed", dict.fromkeys(aimed for aimed, _where, _mutant in INVARIANTS.values())
)
def test_an_invariant_holds(aimed, settings):
    aimed(settings)


@pytest.mark.verification
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", INVARIANTS)
def test_its_mutant_is_caught(name, settings):
    aimed, where, mutant = INVARIANTS[name]

    # Where the table of moves stands behind the rule, it is the table that refuses.
    with unfinished, patch(where, mutant), pytest.raises((AssertionError, NotAllowed)):
        aimed(settings)

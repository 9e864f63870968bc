"""Random changes, undos, nights, noes and deaths against a model of what must be true.

`--hypothesis-profile=long -m verification` looks for fifty times as many.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from threading import Barrier, Thread
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connections, transaction
from django.test import override_settings
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from messaging.sync import run
from messaging.sync.models import SyncRun
from persons.models import EServiceAccount, NotAllowed
from persons.states import SwitchState
from tests.factories import AccountFactory, SyncRunFactory
from tests.messaging.sync import gateways
from web import clock

FIRST = datetime(2026, 10, 23, 3, 30, tzinfo=ZoneInfo("Europe/Stockholm"))
# Where a process may die: before the function is called, and when it has returned.
STEPS = {
    "claiming": (run, "_lock"),
    "asking about closings": (run.guard, "must_ask"),
    "handing over": (run, "_hand_over"),
    "the call": (gateways.There, "push"),
    "renewing the lease": (run, "_renew"),
    "writing back": (run, "write_back"),
    "finishing": (run, "_finish"),
}
WHOM = st.integers(0, 2)


@contextmanager
def death(step: str, *, after: bool) -> Iterator[None]:
    """Nothing after this line ran: what the process had not committed is gone."""
    owner, name = STEPS[step]
    original = getattr(owner, name)

    def dies(*args, **options):
        if after:
            original(*args, **options)
        raise gateways.Killed

    with patch.object(owner, name, dies):
        yield


class Nights(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.clock = time_machine.travel(FIRST, tick=False)
        self.time = self.clock.start()
        self.database = transaction.atomic()
        self.database.__enter__()
        self.gateway = override_settings(SYNC_GATEWAY="tests.messaging.sync.gateways.There")
        self.gateway.enable()
        gateways.there.clear()
        gateways.refused.clear()
        self.keys = [AccountFactory().pk for _ in range(3)]

    def teardown(self) -> None:
        try:
            self.everything_settles()
        finally:
            transaction.set_rollback(True)
            self.database.__exit__(None, None, None)
            self.gateway.disable()
            self.clock.stop()

    def account(self, whom: int) -> EServiceAccount:
        return EServiceAccount.objects.get(pk=self.keys[whom])

    def move(self, whom: int, to: SwitchState, **facts) -> None:
        with suppress(NotAllowed):
            self.account(whom).move(to, **facts)

    @rule(whom=WHOM)
    def switch_on(self, whom):
        if self.account(whom).state in {SwitchState.OFF, SwitchState.CLOSING}:
            self.move(whom, SwitchState.PENDING, messages_enabled=True, usable_from=None)

    @rule(whom=WHOM)
    def switch_off(self, whom):
        self.move(whom, SwitchState.CLOSING, messages_enabled=False)

    @rule(whom=WHOM)
    def undo(self, whom):
        account = self.account(whom)
        if account.can_be_undone and account.synced_version == 0:
            self.move(whom, SwitchState.OFF, messages_enabled=False)

    @rule(whom=WHOM, on=st.booleans())
    def change(self, whom, on):
        EServiceAccount.objects.filter(pk=self.keys[whom]).update(notify_by_email=on)
        EServiceAccount.objects.filter(pk=self.keys[whom]).facts_changed()

    @rule(whom=WHOM)
    def refuse(self, whom):
        gateways.refused.add(self.keys[whom])

    @rule()
    def refuse_nobody(self):
        gateways.refused.clear()

    @rule()
    def a_night(self):
        self.time.move_to(clock.now() + timedelta(days=1))
        run.run()

    @precondition(lambda self: EServiceAccount.objects.due().exists())
    @rule(step=st.sampled_from(sorted(STEPS)), after=st.booleans())
    def a_night_that_dies(self, step, after):
        self.time.move_to(clock.now() + timedelta(days=1))
        with death(step, after=after), suppress(gateways.Killed):
            run.run()
        self.time.shift(run.LEASE + timedelta(seconds=1))

    @invariant()
    def nobody_is_let_in_who_is_not_let_in_there(self):
        for account in EServiceAccount.objects.filter(pk__in=self.keys):
            if account.is_usable:
                assert gateways.there[account.pk][1]
                assert account.usable_from <= clock.today()

    @invariant()
    def what_was_undone_left_no_trace(self):
        for account in EServiceAccount.objects.filter(pk__in=self.keys, sent_version=0):
            assert account.pk not in gateways.there

    def everything_settles(self) -> None:
        """However it was: when the other side says yes again, one night makes both sides alike."""
        gateways.refused.clear()
        EServiceAccount.objects.dirty().update(refused_times=0, refused_on=None)
        self.time.move_to(clock.now() + timedelta(days=1))
        this = run.run()
        assert this.state == "done"
        assert not EServiceAccount.objects.dirty().exists()
        for account in EServiceAccount.objects.filter(pk__in=self.keys):
            version, is_open = gateways.there.get(account.pk, (0, False))
            assert is_open == account.messages_enabled == account.is_usable
            assert version in {0, account.synced_version}


def check(examples: int) -> None:
    run_state_machine_as_test(
        Nights,
        settings=settings(max_examples=examples, stateful_step_count=12, deadline=None),
    )


@pytest.mark.django_db
def test_both_sides_are_alike_whatever_happens():
    check(10)


@pytest.mark.verification
@pytest.mark.django_db
def test_both_sides_are_alike_whatever_happens_for_long():
    check(2_000)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_died_is_completed_by_the_next(step, after, settings):
    settings.SYNC_GATEWAY = "tests.messaging.sync.gateways.There"
    gateways.there.clear()
    gateways.refused.clear()
    with time_machine.travel(FIRST, tick=False) as moment:
        accounts = AccountFactory.create_batch(3, pending=True)
        with death(step, after=after), pytest.raises(gateways.Killed):
            run.run_if_due(FIRST)
        moment.shift(run.LEASE + timedelta(seconds=1))

        run.run_if_due(clock.now())

    assert gateways.there == {account.pk: (1, True) for account in accounts}
    usable = EServiceAccount.objects.values_list("state", "usable_from")
    assert set(usable) == {(SwitchState.ACTIVE, date(2026, 10, 23))}


@pytest.mark.django_db(transaction=True)
def test_of_ten_that_start_at_the_same_time_one_runs(settings):
    settings.SYNC_GATEWAY = "tests.messaging.sync.gateways.Recording"
    gateways.pushed.clear()
    gateways.while_pushing.clear()
    AccountFactory.create_batch(3, pending=True)
    together, runs = Barrier(10), []

    def start():
        together.wait()
        try:
            runs.append(run.run_if_due(clock.now()))
        finally:
            connections.close_all()

    starters = [Thread(target=start) for _starter in range(10)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()

    assert len(runs) == 10
    assert [this.done_count for this in runs if this] == [3]
    assert len(gateways.pushed) == 3


@pytest.mark.django_db
def test_three_nights_without_a_run_are_caught_up_in_one():
    """What was saved on the first of them is usable today, once, and not from another day."""
    with time_machine.travel(FIRST, tick=False) as moment:
        SyncRunFactory(local_date=FIRST.date())
        account = AccountFactory(pending=True)
        moment.shift(timedelta(days=3, hours=5))

        run.run_if_due(clock.now())
        again = run.run_if_due(clock.now())

    account.refresh_from_db()
    assert (account.state, account.usable_from) == (SwitchState.ACTIVE, date(2026, 10, 26))
    assert again is None
    assert SyncRun.objects.count() == 2

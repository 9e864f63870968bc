"""`dispose --apply` under strain: many people, and somebody who kills the process with SIGKILL.

The tests run every day. `-m verification` disposes of 20,000 people, and kills a dozen times.
"""

import os
import random
import signal
import time
import tracemalloc
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from io import StringIO
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from bench import people
from messaging.inbox.models import Message
from messaging.notices.models import Notice
from messaging.notices.states import NoticeState
from onboarding.retention import actions, looks, policy
from onboarding.retention.models import Disposal, Policy
from persons import access_log, anchors, sealing, triggers
from persons.anchors import Anchor
from persons.models import (
    AccessLogEntry,
    AccessLogListed,
    Case,
    EServiceAccount,
    Person,
    PersonEvent,
)
from persons.verification import verify
from staff.models import Role
from tests.factories import CaseFactory, PersonFactory, UserFactory
from tests.persons import tampering, test_triggers
from tests.persons.test_sealing import look
from web import clock

LONG_AGO = date(2020, 3, 2)
NUMBERS = ("191212121212", "199801022394", "199801032385")
ADMINISTRATOR = "astrid@soderkoping.example"


@pytest.fixture(autouse=True)
def policies(settings) -> None:
    settings.RETENTION_POLICY = Policy.FIVE_YEARS
    settings.ACCESS_LOG_YEARS = 5


@pytest.fixture
def administrator(transactional_db):
    return UserFactory(email=ADMINISTRATOR, role=Role.SYSTEM_ADMIN)


def dispose() -> None:
    call_command("dispose", "--apply", "--by", ADMINISTRATOR, stdout=StringIO())


def in_another_process(work: Callable[[], None]) -> int:
    """Its number. What it does after `work` is nobody's concern: it is killed, or ends."""
    connections.close_all()
    if child := os.fork():
        return child
    try:
        work()
    finally:
        os._exit(0)


def kill(process: int) -> bool:
    """Whether it was killed, and had not ended by itself."""
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    return os.WIFSIGNALED(status)


def stopped_in_the_second_batch(step: str, told: int) -> None:
    """All of the batch is written, and nothing of it committed."""
    write, batches = getattr(access_log, step), []

    def wait(*args, **options) -> None:
        write(*args, **options)
        batches.append(step)
        if len(batches) == 2:
            os.write(told, b"!")
            signal.pause()

    with patch.object(access_log, step, wait):
        dispose()


def killed_at(step: str) -> None:
    ours, theirs = os.pipe()
    process = in_another_process(partial(stopped_in_the_second_batch, step, theirs))
    os.close(theirs)
    assert os.read(ours, 1) == b"!"  # empty, if it has ended
    os.close(ours)
    assert kill(process)


def assert_history_is_guarded() -> None:
    assert test_triggers.triggers() >= {model._meta.db_table for model in test_triggers.HISTORY}


@pytest.mark.django_db(transaction=True)
def test_a_killed_disposal_of_people_has_taken_whole_batches(administrator, monkeypatch):
    monkeypatch.setattr(actions, "BATCH", 1)
    for number in NUMBERS:
        person = PersonFactory(identity_number=number)
        CaseFactory(person=person, closed_on=LONG_AGO)
        PersonEvent.objects.create(person=person, kind="a")

    killed_at("record_batch")

    assert (Person.objects.count(), Case.objects.count(), PersonEvent.objects.count()) == (2, 2, 2)
    assert Disposal.objects.get().persons == 1
    assert_history_is_guarded()
    dispose()
    assert Person.objects.count() == 0
    assert sum(disposal.persons for disposal in Disposal.objects.all()) == 3


@pytest.mark.django_db(transaction=True)
def test_a_killed_disposal_of_the_log_leaves_a_chain_that_proves_itself(administrator, monkeypatch):
    monkeypatch.setattr(looks, "MOST_ROWS", 1)
    amina, now = PersonFactory(), clock.now()
    for days in (3000, 2999, 2998, 0):
        for _ in range(3):
            look(administrator, amina, at=now - timedelta(days=days))
        sealing.seal(now=now - timedelta(days=days))

    killed_at("record_disposal")

    assert verify(now=now).problems == []
    assert Anchor.read(anchors.entries().get().reason).count == 3
    assert AccessLogEntry.objects.filter(person=amina).count() == 9
    assert_history_is_guarded()
    dispose()
    assert verify(now=now).problems == []
    assert Anchor.read(anchors.entries().last().reason).count == 9


def fill(rows: int) -> None:
    """A register, and its access log, of which everybody's time has passed."""
    people.fill(rows)
    Case.objects.update(
        investigation_opened_on=None, decided_on=None, executed_on=LONG_AGO, closed_on=LONG_AGO
    )
    EServiceAccount.objects.update(state="off", messages_enabled=False)
    Message.objects.update(state=Message.State.READABLE, readable_at=clock.now())
    Notice.objects.exclude(state=NoticeState.DELIVERED).update(state=NoticeState.DELIVERED)
    old = clock.now() - timedelta(days=3000)
    log = AccessLogEntry, AccessLogListed
    with transaction.atomic(), triggers.lifted(*(model._meta.db_table for model in log)):
        for model in log:
            tampering.rows_of(model).update(at=old)
    sealing.seal(now=old)
    sealing.seal(now=clock.now())  # the day begins


def counted(batch: Callable[..., Any], counts: list[int]) -> Callable[..., Any]:
    """The same, with how many statements each batch took."""

    def run(*args, **options):
        statements = []

        def execute(go_on, *statement):
            statements.append(1)
            return go_on(*statement)

        with connection.execute_wrapper(execute):
            done = batch(*args, **options)
        counts.append(len(statements))
        return done

    return run


@pytest.mark.verification
@pytest.mark.django_db(transaction=True)
class TestManyPeople:
    def test_go_with_few_statements_for_each_batch_and_little_memory(
        self, administrator, monkeypatch
    ):
        fill(20_000)
        counts: list[int] = []
        monkeypatch.setattr(actions, "_dispose", counted(actions._dispose, counts))
        monkeypatch.setattr(looks, "_take", counted(looks._take, counts))
        tracemalloc.start()

        dispose()

        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        assert not policy.due(policy.limit(clock.today())).exists()
        assert verify(now=clock.now()).problems == []
        assert len(counts) > 90
        assert max(counts) < 60
        assert peak < 20  # megabytes

    def test_go_at_last_however_often_somebody_kills_it(self, administrator, monkeypatch):
        monkeypatch.setattr(actions, "BATCH", 20)
        fill(4_000)
        dice, due = random.Random(1), policy.due(policy.limit(clock.today()))
        everybody = due.count()

        for _ in range(12):
            process, before = in_another_process(dispose), steps()
            while steps() == before:
                assert os.waitpid(process, os.WNOHANG) == (0, 0)  # it has not ended
                time.sleep(0.05)
            time.sleep(dice.uniform(0, 0.3))
            assert kill(process)
            assert_history_is_guarded()
            assert not Person.objects.filter(cases=None).exists()
            gone = sum(Disposal.objects.values_list("persons", flat=True))
            assert gone + due.count() == everybody

        dispose()
        assert not due.exists()
        assert verify(now=clock.now()).problems == []


def steps() -> int:
    """How many batches have been taken, of people and of the log."""
    return Disposal.objects.count() + anchors.entries().count()

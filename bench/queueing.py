"""Ten thousand welcomes at once: to queue them, and the start page while they leave by e-mail."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from django.urls import reverse

from bench import databases, outbox, sinks
from bench.measure import Result, Times, in_turn
from bench.pages import Page, Visit
from bench.people import contact
from messaging.inbox import actions as inbox
from messaging.inbox.models import Message
from messaging.notices import restoring
from messaging.notices.models import Channel
from messaging.sync import calendar
from persons.models import Person
from persons.states import OPEN
from web import clock

AT_ONCE = 10_000
ROUNDS, VISITS, WARM_UP = 2, 20, 3
SLOWER = 2
A_SECOND = 5_000


def run(rows: int) -> Iterator[Result]:
    size = min(rows, AT_ONCE)
    for database in databases.names():
        with (
            outbox.ready(database, size),
            sinks.running("smtp") as port,
            outbox.email_through(port),
        ):
            yield _released(database, size)
            register = outbox.register(database, size)
            visit = Visit(register, Page(lambda: f"{reverse('start')}?vy=alla"))
            idle, busy = [], []
            for _ in range(ROUNDS):
                idle += _times(visit)
                outbox.queue(Channel.EMAIL, size)
                with _worker():
                    busy += _times(visit)
                outbox.deliver()  # what nothing is left of
        meanwhile = Times(busy)
        yield Result(
            "queueing.start", size, database, meanwhile.median, meanwhile.spread,
            ratio=(ratio := meanwhile.over(Times(idle))),
            against="the start page when idle",
            target=f"ratio < {SLOWER}",
            ok=ratio < SLOWER,
        )  # fmt: skip


def _released(database: str, size: int) -> Result:
    """For each: readable, with its notices and its line of history."""
    people = Person.objects.filter(
        account__state__in=sorted(OPEN), account__usable_from__lte=clock.today()
    )
    Message.objects.filter(kind=Message.Kind.WELCOME).delete()
    welcome = {"kind": Message.Kind.WELCOME, "subject": "Välkommen", "body": "Hej! " * 200}
    Message.objects.bulk_create(
        Message(person=person, written_by=contact(), **welcome) for person in people[:size]
    )
    moment = calendar.welcome_moment(clock.today())
    restoring.require_current()
    began = time.perf_counter()
    released = inbox.release_due(now=moment)
    each = (time.perf_counter() - began) / released * 1000
    return Result(
        "queueing.release", released, database, each, 0,
        target=f"<= {1000 / A_SECOND} ms each",
        ok=each <= 1000 / A_SECOND,
    )  # fmt: skip


def _times(visit: Visit) -> list[float]:
    (times,) = in_turn(visit, rounds=VISITS, warm_up=WARM_UP)
    return times.milliseconds


@contextmanager
def _worker() -> Iterator[None]:
    """A process of its own that delivers, as Celery's does."""
    connections.close_all()  # none is open when we fork
    pid = os.fork()
    if not pid:
        try:
            outbox.deliver()
        finally:
            os._exit(0)
    try:
        yield
    finally:
        os.waitpid(pid, 0)

"""The start page while ten thousand welcomes, which were queued at once, leave by e-mail."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from django.urls import reverse

from bench import databases, outbox, sinks
from bench.measure import Result, Times, in_turn
from bench.pages import Page, Visit
from messaging.notices.models import Channel

AT_ONCE = 10_000
ROUNDS, VISITS, WARM_UP = 2, 20, 3
SLOWER = 2


def run(rows: int) -> Iterator[Result]:
    size = min(rows, AT_ONCE)
    for database in databases.names():
        with (
            outbox.ready(database, size),
            sinks.running("smtp") as port,
            outbox.email_through(port),
        ):
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

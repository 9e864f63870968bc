"""What writing the access log takes of the personbild."""

from collections.abc import Callable, Iterator
from unittest.mock import patch

from bench import databases, person
from bench.measure import Result, in_turn
from bench.pages import ROUNDS, WARM_UP, Page, Visit
from persons import access_log

SHARE = 0.15


def run(rows: int) -> Iterator[Result]:
    for database in databases.names():
        visit = Visit(databases.register(database, rows), Page(person.address))
        logged, unlogged = in_turn(visit, _without_log(visit), rounds=ROUNDS * 2, warm_up=WARM_UP)
        share = round(1 - unlogged.median / logged.median, 3)
        yield Result(
            "access-log", rows, database, logged.median, logged.spread,
            ratio=share,
            against="share of the personbild",
            target=f"<= {SHARE}",
            ok=share <= SHARE,
        )  # fmt: skip


def _without_log(visit: Visit) -> Callable[[], None]:
    def unlogged() -> None:
        with patch.object(access_log, "_create"):
            visit()

    return unlogged

"""A page of the measured contact person, with few and with many other people in the register."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.test import Client

from bench import databases, people
from bench.databases import Register
from bench.measure import Result, in_turn
from staff import second_factor, sessions
from staff.models import User

ROUNDS, WARM_UP = 40, 5
SLOWER = 1.5
QUERIES = 8


def measure(case: str, rows: int, address: Callable[[], str]) -> Iterator[Result]:
    """Server time in this process, and the number of queries."""
    for database in databases.names():
        sizes = (rows, people.EACH)
        visits = [Visit(databases.register(database, size), address) for size in sizes]
        large, small = in_turn(*visits, rounds=ROUNDS, warm_up=WARM_UP)
        yield Result(
            case, rows, database, large.median, large.spread,
            ratio=(ratio := large.over(small)),
            against=f"the same among {people.EACH}",
            target=f"ratio <= {SLOWER}",
            ok=ratio <= SLOWER,
        )  # fmt: skip
        many, few = (visit.queries() for visit in visits)
        yield Result(
            f"{case}.queries", rows, database, many, 0,
            ratio=many / few,
            against=f"the same among {people.EACH}",
            target=f"1.0, <= {QUERIES}",
            ok=many == few and many <= QUERIES,
        )  # fmt: skip


class Visit:
    """Open the page, signed in."""

    def __init__(
        self,
        register: Register,
        address: Callable[[], str],
        who: Callable[[], User] = people.contact,
    ) -> None:
        self._register = register
        register.use()
        # The floor below the page: all middleware, no network.
        self._client = Client(SERVER_NAME="localhost")
        self._sign_in(who())
        self._address = address()

    def __call__(self) -> None:
        self._register.use()
        response = self._client.get(self._address)
        if response.status_code != 200:
            raise RuntimeError(f"{self._address} answered {response.status_code}")

    def _sign_in(self, user: User) -> None:
        """With a second factor, and with a session that has begun."""
        self._client.force_login(user)
        request: Any = HttpRequest()
        request.session, request.user = self._client.session, user
        second_factor.record(request, "totp")
        sessions.seconds_left(request.session)
        request.session.save()

    def queries(self) -> int:
        count = 0

        def counted(execute: Any, sql: str, *rest: Any) -> Any:
            nonlocal count
            count += 1
            return execute(sql, *rest)

        self._register.use()
        with connection.execute_wrapper(counted):
            self()
        return count

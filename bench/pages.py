"""A page, among few people and among many, and beside a page of the same size that asks nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client

from bench import databases, people
from bench.databases import Register
from bench.measure import Result, in_turn
from staff import second_factor, sessions
from staff.models import User

ROUNDS, WARM_UP = 40, 5
FEW = 1_000
SLOWER = 1.5
TIMES_THE_FLOOR = 2
QUERIES = 8


@dataclass(frozen=True)
class Page:
    """What is opened, and by whom. `form` is what is sent with it."""

    address: Callable[[], str]
    who: Callable[[], User] = people.contact
    form: Callable[[], dict[str, str]] | None = None


def measure(case: str, rows: int, page: Page, *, queries: int = QUERIES) -> Iterator[Result]:
    """Server time in this process, and the number of queries."""
    for database in databases.names():
        few = min(rows, FEW)
        visits = [Visit(databases.register(database, size), page) for size in (rows, few)]
        large, small = in_turn(*visits, rounds=ROUNDS, warm_up=WARM_UP)
        yield Result(
            case, rows, database, large.median, large.spread,
            ratio=(ratio := large.over(small)),
            against=f"the same among {few}",
            target=f"ratio <= {SLOWER}",
            ok=ratio <= SLOWER,
        )  # fmt: skip
        many, in_few = (visit.queries() for visit in visits)
        yield Result(
            f"{case}.queries", rows, database, many, 0,
            ratio=many / in_few,
            against=f"the same among {few}",
            target=f"1.0, <= {queries}",
            ok=many == in_few and many <= queries,
        )  # fmt: skip


def beside_the_floor(case: str, rows: int, page: Page) -> Iterator[Result]:
    """Against the same bytes from a template without tags, to the same user, signed in."""
    for database in databases.names():
        visit = Visit(databases.register(database, rows), page)
        ours, floor = in_turn(visit, visit.as_static(), rounds=ROUNDS, warm_up=WARM_UP)
        yield Result(
            f"{case}.floor", rows, database, ours.median, ours.spread,
            ratio=(ratio := ours.over(floor)),
            against="a static page of the same size",
            target=f"ratio <= {TIMES_THE_FLOOR}",
            ok=ratio <= TIMES_THE_FLOOR,
        )  # fmt: skip


class Visit:
    """Open the page, signed in."""

    def __init__(self, register: Register, page: Page) -> None:
        self._register = register
        register.use()
        # The floor below the page: all middleware, no network.
        self._client = Client(SERVER_NAME="localhost")
        self._sign_in(page.who())
        self._address = page.address()
        self._form = page.form() if page.form else None

    def __call__(self) -> None:
        self._answer()

    def _answer(self) -> bytes:
        self._register.use()
        ask = self._client.get if self._form is None else self._client.post
        response = ask(self._address, self._form)
        if response.status_code != 200:
            raise RuntimeError(f"{self._address} answered {response.status_code}")
        return response.content

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
            count += sql != "BEGIN IMMEDIATE"  # which asks nothing
            return execute(sql, *rest)

        self._register.use()
        with connection.execute_wrapper(counted):
            self()
        return count

    def as_static(self) -> Callable[[], None]:
        """The same visitor and the same bytes, from `bench/urls.py`."""
        html = self._answer().decode()
        static_page.template = engines["django"].from_string(html.replace("{", "("))

        def visit() -> None:
            self._register.use()
            response = self._client.get("/golv/")
            if response.status_code != 200:
                raise RuntimeError(f"The static page answered {response.status_code}")

        return visit


class _StaticPage:
    template: Any = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(self.template.render({}, request))


static_page = _StaticPage()

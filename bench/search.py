"""The statements of a search, beside those of an admin list with `search_fields` on the same rows.

For a contact person, and for the manager of a unit that everybody in the register belongs to.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.contrib.admin import ModelAdmin, site
from django.db import connection
from django.test import RequestFactory

from bench import databases, people
from bench.measure import Result, in_turn
from persons import search
from persons.models import Person
from persons.search import Kind, Term

ROUNDS, WARM_UP = 40, 5
LIMIT = 1  # ms
FASTER, AMONG = 1_000, 1_000_000  # the admin grows with the register


def run(rows: int) -> Iterator[Result]:
    for database in databases.names():
        databases.register(database, rows).use()
        searchers = {"": people.contact(), ".manager": people.manager()}
        somebody = Person.objects.visible_to(people.contact()).order_by("pk")[0]
        terms = {
            "name": Term(Kind.NAME, "exem"),
            "given-name": Term(Kind.NAME, "ami"),
            "number": Term(Kind.IDENTITY_NUMBER, somebody.identity_number),
        }
        for what, term in terms.items():
            admin = _Statements(partial(_admin_list, term.text))
            for who, user in searchers.items():
                ours = _Statements(partial(search.find, term, user=user))
                yield from _results(f"search.{what}{who}", rows, database, ours, admin)


def _results(
    case: str, rows: int, database: str, ours: "_Statements", admin: "_Statements"
) -> Iterator[Result]:
    (mine,) = in_turn(ours, rounds=ROUNDS, warm_up=WARM_UP)
    few, admins = in_turn(ours, admin, rounds=5)
    ratio = few.over(admins)
    applies = rows >= AMONG
    yield Result(
        case, rows, database, mine.median, mine.spread,
        ratio=ratio,
        against="icontains, as in the admin",
        target=f"<= 1/{FASTER}" if applies else "",
        ok=ratio <= 1 / FASTER if applies else None,
    )  # fmt: skip
    p95 = mine.percentile(95)
    yield Result(
        f"{case}.p95", rows, database, p95, mine.spread,
        target=f"<= {LIMIT} ms",
        ok=p95 <= LIMIT,
    )  # fmt: skip


class _Statements:
    """What something asks the database, asked again without the work of building it."""

    def __init__(self, ask: Callable[[], object]) -> None:
        self._asked: list[tuple[str, Any]] = []

        def noted(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
            self._asked.append((sql, params))
            return execute(sql, params, *rest)

        ask()  # what is read once for a request is no part of the search
        with connection.execute_wrapper(noted):
            ask()

    def __call__(self) -> None:
        with connection.cursor() as cursor:
            for sql, params in self._asked:
                cursor.execute(sql, params)
                cursor.fetchall()


class _Searchable(ModelAdmin):  # type: ignore[type-arg]
    search_fields = ("given_name", "family_name", "identity_number")


def _admin_list(text: str) -> None:
    """The hits on the first page, and how many they are."""
    register = Person.objects.order_by("sort_key")
    request = RequestFactory().get("/")
    found, _duplicates = _Searchable(Person, site).get_search_results(request, register, text)
    found.count()
    list(found[:100])

"""The admin's list of persons: the newest, and far down."""

from collections.abc import Iterator

from django.urls import reverse

from bench import databases, pages, people
from bench.measure import Result, in_turn
from bench.pages import ROUNDS, WARM_UP, Page, Visit
from persons.models import Person

MILLISECONDS = 50
QUERIES = 14


def run(rows: int) -> Iterator[Result]:
    newest, far_down = Page(_newest, people.administrator), Page(_far_down, people.administrator)
    yield from pages.measure("admin_list", rows, newest, queries=QUERIES)
    for database in databases.names():
        register = databases.register(database, rows)
        visits = [Visit(register, page) for page in (newest, far_down)]
        for case, times in zip(
            ("admin_list.newest", "admin_list.far_down"),
            in_turn(*visits, rounds=ROUNDS, warm_up=WARM_UP),
            strict=True,
        ):
            yield Result(
                case, rows, database, times.median, times.spread,
                target=f"<= {MILLISECONDS} ms",
                ok=times.median <= MILLISECONDS,
            )  # fmt: skip


def _newest() -> str:
    return reverse("admin:persons_person_changelist")


def _far_down() -> str:
    oldest = Person.objects.order_by("pk")[people.EACH - 1]
    return f"{_newest()}?fore={oldest.pk}"

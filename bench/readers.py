"""Vem har läst, as the manager of the unit sees it: everybody's looks at one person."""

from collections.abc import Iterator

from django.urls import reverse

from bench import pages, people
from bench.measure import Result
from persons.models import Person

QUERIES = 14


def run(rows: int) -> Iterator[Result]:
    return pages.measure("readers", rows, pages.Page(_address, people.manager), queries=QUERIES)


def _address() -> str:
    person = Person.objects.visible_to(people.contact()).order_by("pk")[0]
    return reverse("readers", args=[person.public_id])

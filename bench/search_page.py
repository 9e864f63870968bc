"""A whole search: the form sent, the hits shown and logged."""

from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse

from bench import pages, people
from bench.measure import Result
from persons.models import Person

QUERIES = 14


def run(rows: int) -> Iterator[Result]:
    # Whoever measures searches oftener than anybody may.
    settings.SEARCHES_PER_MINUTE = settings.SEARCHED_PERSONS_PER_HOUR = 1_000_000
    for what, form in {"name": _by_name, "number": _by_number}.items():
        for who, user in {"": people.contact, ".manager": people.manager}.items():
            page = pages.Page(_address, user, form)
            yield from pages.measure(f"search-page.{what}{who}", rows, page, queries=QUERIES)


def _address() -> str:
    return reverse("search")


def _by_name() -> dict[str, str]:
    return {"term": "exem"}


def _by_number() -> dict[str, str]:
    somebody = Person.objects.visible_to(people.contact()).order_by("pk")[0]
    return {"term": somebody.identity_number}

"""The start page, showing all 40 people of one's own."""

from collections.abc import Iterator

from django.urls import reverse

from bench import pages
from bench.measure import Result


def run(rows: int) -> Iterator[Result]:
    page = pages.Page(lambda: f"{reverse('start')}?vy=alla")
    yield from pages.measure("start", rows, page)
    yield from pages.beside_the_floor("start", rows, page)

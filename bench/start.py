"""The start page, showing all 40 people of one's own."""

from collections.abc import Iterator

from django.urls import reverse

from bench import pages
from bench.measure import Result


def run(rows: int) -> Iterator[Result]:
    return pages.measure("start", rows, lambda: f"{reverse('start')}?vy=alla")

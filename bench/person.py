"""The personbild of somebody whom the welcome did not reach: every part of it has something."""

from collections.abc import Iterator

from bench import pages, people
from bench.measure import Result
from messaging.notices.states import NoticeState
from persons.models import Person


def run(rows: int) -> Iterator[Result]:
    page = pages.Page(address)
    yield from pages.measure("person", rows, page)
    yield from pages.beside_the_floor("person", rows, page)


def address() -> str:
    mine = Person.objects.visible_to(people.contact())
    person = mine.filter(notices__state=NoticeState.UNDELIVERED).order_by("pk")[0]
    return person.get_absolute_url()

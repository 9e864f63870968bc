"""The admin's list of persons: the newest, and far down."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from bench import databases, people
from bench.measure import Result, in_turn
from bench.pages import ROUNDS, WARM_UP, Visit
from persons.models import Person
from staff.models import Membership, Role, Unit, User

MILLISECONDS = 50


def run(rows: int) -> Iterator[Result]:
    for database in databases.names():
        register = databases.register(database, rows)
        visits = [Visit(register, address, _administrator) for address in (_newest, _far_down)]
        newest, far_down = in_turn(*visits, rounds=ROUNDS, warm_up=WARM_UP)
        for case, times in (("admin_list", newest), ("admin_list.far_down", far_down)):
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


def _administrator() -> User:
    user, made = User.objects.get_or_create(email="administrator@koppla.example")
    if made:
        role = {"role": Role.SYSTEM_ADMIN, "valid_from": date(2020, 1, 1)}
        Membership.objects.create(user=user, unit=Unit.objects.get(), **role)
    return user

"""What somebody with all power over the database could do to the access log, at random."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from django.db import connection, models, transaction

from persons import sealing
from persons.models import AccessLogEntry, AccessLogListed, AccessLogSeal
from tests.conftest import without_triggers

Dice = Random


@contextmanager
def as_superuser() -> Iterator[None]:
    """Without triggers, and it has never happened afterwards."""
    off, on = without_triggers(connection)
    with transaction.atomic(), connection.constraint_checks_disabled():
        _run(off)
        yield
        _run(on)
        transaction.set_rollback(True)


def _run(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


class _Rows(models.QuerySet[Any]):
    """Django's own, not ours that refuses."""


def rows_of(model: type[models.Model]) -> Any:
    return _Rows(model)


def delete(rows: Any) -> None:
    """Also what others refer to."""
    rows._raw_delete(connection.alias)


def any_key(dice: Dice, model: type[models.Model]) -> int:
    return dice.choice(list(rows_of(model).order_by("pk").values_list("pk", flat=True)))


def another(dice: Dice, field: Any, value: Any) -> Any:
    """Of the same type, and never the same."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, datetime):
        return value + timedelta(microseconds=dice.choice([-1, 1]) * dice.randint(1, 10**9))
    if isinstance(value, list):
        return [*value, dice.randint(1, 99)]
    if field.name == "source_ip":
        return f"10.1.{dice.randint(0, 255)}.{dice.randint(0, 255)}"
    if isinstance(value, int) or field.is_relation:
        return (value or 0) + dice.randint(1, 99)
    return f"{value[:5]}{dice.randint(0, 99)}"


def change_a_field(dice: Dice, model: type[models.Model], names: list[str]) -> None:
    key, field = any_key(dice, model), model._meta.get_field(dice.choice(names))
    row = rows_of(model).filter(pk=key)
    value = another(dice, field, row.values_list(field.attname, flat=True).get())
    row.update(**{field.attname: value})


def change_a_row(dice: Dice) -> None:
    names = [field.name for field in AccessLogEntry._meta.concrete_fields if field.name != "id"]
    change_a_field(dice, AccessLogEntry, names)


def change_a_seal(dice: Dice) -> None:
    change_a_field(dice, AccessLogSeal, ["first", "last", "count", "sealed_at", "digest"])


def change_the_index(dice: Dice) -> None:
    change_a_field(dice, AccessLogListed, ["entry", "person", "at"])


def take_out_rows(dice: Dice) -> None:
    keys = list(rows_of(AccessLogEntry).values_list("pk", flat=True))
    delete(rows_of(AccessLogEntry).filter(pk__in=dice.sample(keys, dice.randint(1, 5))))


def take_out_of_the_index(dice: Dice) -> None:
    delete(rows_of(AccessLogListed).filter(pk=any_key(dice, AccessLogListed)))


def put_into_the_index(dice: Dice) -> None:
    row = rows_of(AccessLogListed).get(pk=any_key(dice, AccessLogListed))
    row.pk, row._state.adding = None, True
    models.Model.save(row)


def put_in_a_row(dice: Dice) -> None:
    """Between two others, or before them all."""
    row = rows_of(AccessLogEntry).get(pk=any_key(dice, AccessLogEntry))
    free = set(range(-5, row.pk)) - set(rows_of(AccessLogEntry).values_list("pk", flat=True))
    row.pk, row._state.adding = dice.choice(sorted(free)), True
    models.Model.save(row, force_insert=True)


def swap_two_rows(dice: Dice) -> None:
    """Each takes the other's place in the order."""
    keys = list(rows_of(AccessLogEntry).order_by("pk").values_list("pk", flat=True))
    _swap(AccessLogEntry, dice.sample(keys, 2))


def swap_two_seals(dice: Dice) -> None:
    keys = list(rows_of(AccessLogSeal).order_by("pk").values_list("pk", flat=True))
    _swap(AccessLogSeal, dice.sample(keys, 2))


def _swap(model: type[models.Model], keys: list[int]) -> None:
    one, other = keys
    # A key is no field to update through the ORM's own eyes, but it is to whoever has the power.
    for old, new in ((one, 10**6), (other, one), (10**6, other)):
        rows_of(model).filter(pk=old).update(**{model._meta.pk.name: new})


def take_out_a_seal(dice: Dice) -> None:
    delete(rows_of(AccessLogSeal).filter(pk=any_key(dice, AccessLogSeal)))


def cut_off_the_end(dice: Dice) -> None:
    """Rows and seals together, so that what is left is a whole chain."""
    seal = rows_of(AccessLogSeal).get(pk=any_key(dice, AccessLogSeal))
    delete(rows_of(AccessLogEntry).filter(pk__gte=seal.first))
    delete(rows_of(AccessLogListed).filter(entry__gte=seal.first))
    delete(rows_of(AccessLogSeal).filter(pk__gte=seal.pk))


def make_the_chain_anew(dice: Dice) -> None:
    """Change something, and then every seal, as whoever has read the code can."""
    change_a_field(dice, AccessLogEntry, ["user", "role", "reason", "view", "source_ip"])
    previous = sealing.START
    for seal in rows_of(AccessLogSeal).order_by("pk"):
        rows = sealing.rows_between(seal.first, seal.last)
        previous = sealing.digest(seal, rows, after=previous)
        rows_of(AccessLogSeal).filter(pk=seal.pk).update(digest=previous)


# Found by anybody who has the database.
SEEN: tuple[Callable[[Dice], None], ...] = (
    change_a_row, change_a_seal, change_the_index, take_out_rows, take_out_of_the_index,
    put_into_the_index, put_in_a_row, swap_two_rows, swap_two_seals, take_out_a_seal,
)  # fmt: skip
# Found by a digest that has left the machine.
SEEN_FROM_OUTSIDE = (cut_off_the_end, make_the_chain_anew)

START = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)

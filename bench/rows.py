"""Rows by the million: patterns that the models made, with some columns of their own."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import uuid4

from django.core.management.color import no_style
from django.db import connection, models, transaction

Row = dict[str, Any]  # of columns, in the order of the model


def pattern(instance: models.Model) -> Row:
    """What the database would be sent, had the instance been saved."""
    return {
        column: field.get_db_prep_save(field.pre_save(instance, True), connection)
        for column, field in _columns(type(instance))
    }


def write(model: type[models.Model], rows: Iterable[Row]) -> None:
    """Into an empty table, with keys from 1 in the order given, and unique ids of their own."""
    quoted = connection.ops.quote_name
    into = quoted(model._meta.db_table)
    columns = [column for column, _ in _columns(model)]
    into += f" ({', '.join(map(quoted, columns))})"
    uuids = [column for column, field in _columns(model) if isinstance(field, models.UUIDField)]
    values = _with_keys(rows, uuids)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            blanks: Any = ", ".join(["%s"] * len(columns))
            insert = f"INSERT INTO {into} VALUES ({blanks})"  # noqa: S608  # our own table
            cursor.executemany(insert, values)
        for sql in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(sql)


def _columns(model: type[models.Model]) -> Iterator[tuple[str, Any]]:
    for field in model._meta.concrete_fields:
        yield str(field.column), field


def _with_keys(rows: Iterable[Row], uuids: list[str]) -> Any:
    for key, row in enumerate(rows, start=1):
        keys = {column: uuid4().hex for column in uuids}
        yield tuple((row | keys | {"id": key}).values())

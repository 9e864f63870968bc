"""What history is guarded by in the database itself, where no code of ours is asked.

A migration that rebuilds a table on SQLite loses its triggers, and has to end with `insert_only`
again: `tests/persons/test_triggers.py` tries every table.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import connection
from django.db.migrations import RunPython
from django.db.migrations.operations.base import Operation

# Whoever writes to the access log shares this lock until it has committed. Who holds it alone
# knows that no row with a lower number is still to come.
LOG_LOCK = 4_155_307

PATIENCE = "500ms"
_WORDS = ("UPDATE", "DELETE")

_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_to_rewrite_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""

_POSTGRESQL = """
CREATE OR REPLACE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}"
FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history()
"""

_SQLITE = """
CREATE TRIGGER IF NOT EXISTS "{table}_no_{word}" BEFORE {word} ON "{table}"
BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END
"""

_SHARE_LOCK = f"""
CREATE OR REPLACE FUNCTION share_access_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({LOG_LOCK});
    RETURN NULL;
END $$
"""

_BEFORE_INSERT = """
CREATE OR REPLACE TRIGGER share_access_log BEFORE INSERT ON "{table}"
FOR EACH STATEMENT EXECUTE FUNCTION share_access_log()
"""


def insert_only(*tables: str) -> Operation:
    """Let these tables be added to and read, and nothing else."""
    return RunPython(partial(_guard, tables), RunPython.noop)


@contextmanager
def lifted(*tables: str) -> Iterator[None]:
    """Let rows of history be deleted, inside a transaction, for disposal alone.

    Only the owner of the tables can. If the process dies, the database brings the triggers back.
    """
    off, on = _LIFT[connection.vendor](tables)
    with connection.cursor() as cursor:
        for statement in off:
            cursor.execute(statement)
        yield
        for statement in on:
            cursor.execute(statement)


def may_lift(*tables: str) -> bool:
    """Whether we work as the owner. On SQLite whoever has the file is."""
    if connection.vendor == "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(pg_has_role(tableowner, 'USAGE')) FROM pg_tables "
            "WHERE schemaname = current_schema() AND tablename = ANY(%s)",
            [list(tables)],
        )
        return bool(cursor.fetchone()[0])


def _lift_postgresql(tables: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """A table cannot be altered while references to it wait to be checked: they are, first."""
    alter = 'ALTER TABLE "{}" {} TRIGGER insert_only'
    off = [alter.format(table, "DISABLE") for table in tables]
    on = [alter.format(table, "ENABLE") for table in tables]
    now, later = "SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED"
    # Writers to history wait for us, so we do not wait for them for long.
    return [f"SET LOCAL lock_timeout = '{PATIENCE}'", now, *off, later], [now, *on, later]


def _lift_sqlite(tables: tuple[str, ...]) -> tuple[list[str], list[str]]:
    off = [f'DROP TRIGGER "{table}_no_{word}"' for table in tables for word in _WORDS]
    return off, statements(tables, "sqlite")


_LIFT = {"postgresql": _lift_postgresql, "sqlite": _lift_sqlite}


def share_while_writing(table: str) -> Operation:
    return RunPython(partial(_share, table), RunPython.noop)


def _guard(tables: tuple[str, ...], apps: Any, schema_editor: Any) -> None:
    for statement in statements(tables, schema_editor.connection.vendor):
        schema_editor.execute(statement, None)


def statements(tables: tuple[str, ...], vendor: str) -> list[str]:
    if vendor == "postgresql":
        return [_FUNCTION, *(_POSTGRESQL.format(table=table) for table in tables)]
    return [_SQLITE.format(table=table, word=word) for table in tables for word in _WORDS]


def _share(table: str, apps: Any, schema_editor: Any) -> None:
    """SQLite has one writer at a time and needs no lock."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(_SHARE_LOCK, None)
        schema_editor.execute(_BEFORE_INSERT.format(table=table), None)

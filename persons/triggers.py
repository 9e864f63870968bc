"""What history is guarded by in the database itself, where no code of ours is asked.

A migration that rebuilds a table on SQLite loses its triggers, and has to end with `insert_only`
again: `tests/persons/test_triggers.py` tries every table.
"""

from functools import partial
from typing import Any

from django.db.migrations import RunPython
from django.db.migrations.operations.base import Operation

# Whoever writes to the access log shares this lock until it has committed. Who holds it alone
# knows that no row with a lower number is still to come.
LOG_LOCK = 4_155_307

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


def share_while_writing(table: str) -> Operation:
    return RunPython(partial(_share, table), RunPython.noop)


def _guard(tables: tuple[str, ...], apps: Any, schema_editor: Any) -> None:
    for statement in statements(tables, schema_editor.connection.vendor):
        schema_editor.execute(statement, None)


def statements(tables: tuple[str, ...], vendor: str) -> list[str]:
    if vendor == "postgresql":
        return [_FUNCTION, *(_POSTGRESQL.format(table=table) for table in tables)]
    words = ("UPDATE", "DELETE")
    return [_SQLITE.format(table=table, word=word) for table in tables for word in words]


def _share(table: str, apps: Any, schema_editor: Any) -> None:
    """SQLite has one writer at a time and needs no lock."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(_SHARE_LOCK, None)
        schema_editor.execute(_BEFORE_INSERT.format(table=table), None)

"""What history is guarded by when nobody asks our code: statements as from a database prompt."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

from persons.models import AccessLogEntry, PersonEvent
from persons.models.insert_only import InsertOnlyModel
from tests.factories import PersonFactory, UserFactory

COPY = (
    "{} INTO persons_personevent (id, person_id, at, kind, changes) "
    "SELECT id, person_id, at, 'b', changes FROM persons_personevent"
)
HISTORY = [model for model in apps.get_models() if issubclass(model, InsertOnlyModel)]


def run(statement: str) -> CursorWrapper:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor


def triggers() -> set[str]:
    """The tables that refuse both words."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgrelid::regclass::text FROM pg_trigger "
                "WHERE tgname = 'insert_only' AND tgenabled = 'O'"
            )
            return {table for (table,) in cursor.fetchall()}
        cursor.execute("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'")
        found = set(cursor.fetchall())
    tables = {table for table, _ in found}
    return {
        table
        for table in tables
        if {(table, f"{table}_no_UPDATE"), (table, f"{table}_no_DELETE")} <= found
    }


@pytest.mark.django_db
def test_every_insert_only_table_is_guarded_after_all_migrations():
    assert triggers() >= {model._meta.db_table for model in HISTORY}


@pytest.mark.django_db
class TestARowOfHistory:
    @pytest.fixture(autouse=True)
    def row(self):
        return PersonEvent.objects.create(person=PersonFactory(), kind="a")

    STATEMENTS = (
        "UPDATE persons_personevent SET kind = 'b'",
        "DELETE FROM persons_personevent",
        COPY.format("INSERT") + " WHERE true ON CONFLICT (id) DO UPDATE SET kind = 'b'",
    )

    @pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement[:6])
    def test_is_neither_changed_nor_taken_away(self, statement):
        with pytest.raises(DatabaseError, match="is insert-only"):
            run(statement)

        assert PersonEvent.objects.get().kind == "a"

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="a word of PostgreSQL")
    def test_is_not_emptied_out_with_the_rest(self):
        with pytest.raises(DatabaseError, match="is insert-only"):
            run("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE persons_personevent CASCADE")

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="a word of SQLite")
    def test_is_not_written_over(self):
        with pytest.raises(DatabaseError, match="is insert-only"):
            run(COPY.format("REPLACE"))

        assert PersonEvent.objects.get().kind == "a"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_test_committed_is_gone_for_the_next_one_and_the_triggers_are_back(turn):
    assert not AccessLogEntry.objects.exists()
    assert triggers() >= {model._meta.db_table for model in HISTORY}

    AccessLogEntry.objects.create(user=UserFactory(), action="view", view="person")

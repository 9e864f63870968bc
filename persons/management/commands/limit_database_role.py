from typing import Any
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from psycopg import sql

from persons.models.insert_only import InsertOnlyModel

# What the product has no business writing to: only migrations do.
READ_ONLY = ("django_migrations",)


class Command(BaseCommand):
    help = (
        "Let the role in APP_DATABASE_URL work with the tables, but only add to history. "
        "Run it as their owner after each migrate (PostgreSQL)."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.APP_DATABASE_URL:
            raise CommandError("APP_DATABASE_URL names no role.")
        if connection.vendor != "postgresql":
            raise CommandError("Only PostgreSQL has roles.")
        address = urlsplit(settings.APP_DATABASE_URL)
        role = unquote(address.username or "")
        limit(role, unquote(address.password or ""))
        self.stdout.write(f"{role} may only add to history.")


@transaction.atomic
def limit(role: str, password: str) -> None:
    """Make the role if it is not there, and give it what it needs and no more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        verb = "ALTER" if cursor.fetchone() else "CREATE"
        for statement in _statements(verb, role, password):
            cursor.execute(statement)


def _statements(verb: str, role: str, password: str) -> list[sql.Composed]:
    history = [m._meta.db_table for m in apps.get_models() if issubclass(m, InsertOnlyModel)]
    names = {
        "verb": sql.SQL(verb),
        "role": sql.Identifier(role),
        "password": sql.Literal(password),
        "history": sql.SQL(", ").join(map(sql.Identifier, history)),
        "read_only": sql.SQL(", ").join(map(sql.Identifier, READ_ONLY)),
    }
    return [sql.SQL(statement).format(**names) for statement in _STATEMENTS]


_STATEMENTS = (
    "{verb} ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {password}",
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "REVOKE UPDATE, DELETE ON {history} FROM {role}",
    "REVOKE INSERT, UPDATE, DELETE ON {read_only} FROM {role}",
)

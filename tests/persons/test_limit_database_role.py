import secrets

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, connections
from django.db.utils import ConnectionHandler

from persons import sealing
from persons.models import AccessLogEntry, AccessLogSeal, PersonEvent
from staff.models import Role
from tests.factories import PersonFactory, UserFactory
from web import clock

ROLE = "koppla_app_in_tests"
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles")


def test_needs_a_role_to_limit(settings):
    settings.APP_DATABASE_URL = ""

    with pytest.raises(CommandError, match="names no role"):
        call_command("limit_database_role")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="said on SQLite")
def test_says_that_sqlite_has_no_roles(settings):
    settings.APP_DATABASE_URL = "postgres://someone:secret@localhost/koppla"

    with pytest.raises(CommandError, match="Only PostgreSQL has roles"):
        call_command("limit_database_role")


@on_postgresql
@pytest.mark.django_db(transaction=True)
class TestTheLimitedRole:
    @pytest.fixture(autouse=True)
    def as_the_product(self, transactional_db, settings):
        """Everything in the test happens as the web process would do it."""
        owner, password = connection.settings_dict, secrets.token_hex()
        settings.APP_DATABASE_URL = f"postgres://{ROLE}:{password}@ignored/ignored"
        call_command("limit_database_role")
        call_command("limit_database_role")  # as after the next migration
        limited = {"default": owner | {"USER": ROLE, "PASSWORD": password}}
        before = connections["default"]
        connections["default"] = ConnectionHandler(limited)["default"]
        yield
        connections["default"].close()
        connections["default"] = before
        with connection.cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {ROLE}; DROP ROLE {ROLE}")

    def test_reads_and_adds_to_history_and_seals_it(self):
        amina = PersonFactory()
        AccessLogEntry.objects.create(user=UserFactory(), person=amina, action="view")
        PersonEvent.objects.create(person=amina, kind="a")

        sealing.seal(now=clock.now())

        assert AccessLogSeal.objects.get().count == 1

    def test_changes_what_is_no_history(self):
        amina = PersonFactory()

        amina.account.delete()
        amina.delete()

    def test_is_told_that_it_may_not_dispose_of_anybody(self, settings):
        settings.RETENTION_POLICY = "FIVE_YEARS_EXCEPT_5_15_25"
        UserFactory(email="astrid@soderkoping.example", role=Role.SYSTEM_ADMIN)

        with pytest.raises(CommandError, match="Produktens egen roll får inte gallra"):
            call_command("dispose", "--apply", "--by", "astrid@soderkoping.example")

    def test_is_told_that_it_may_not_dispose_of_the_log(self, settings):
        settings.ACCESS_LOG_YEARS = 5
        UserFactory(email="astrid@soderkoping.example", role=Role.SYSTEM_ADMIN)

        with pytest.raises(CommandError, match="Produktens egen roll får inte gallra"):
            call_command("dispose", "--apply", "--by", "astrid@soderkoping.example")

    def test_is_refused_what_would_rewrite_it(self):
        for statement in (
            "UPDATE persons_accesslogentry SET view = 'forged'",
            "DELETE FROM persons_accesslogseal",
            "TRUNCATE persons_accesslogentry CASCADE",
            "DROP TRIGGER insert_only ON persons_accesslogentry",
            "ALTER TABLE persons_accesslogentry DISABLE TRIGGER ALL",
            "ALTER TABLE persons_accesslogentry RENAME TO moved_away",
            "SET session_replication_role = replica",
            "CREATE TABLE of_my_own (id int)",
            "DELETE FROM django_migrations",
        ):
            with pytest.raises(ProgrammingError), connections["default"].cursor() as cursor:
                cursor.execute(statement)

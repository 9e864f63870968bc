"""`./dev test` gives the tests their environment. A bare pytest gets the same, on SQLite."""

import atexit
import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from uuid import uuid4

import django
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from hypothesis import settings

from tests import runs
from tests.identity_provider import IdentityProvider
from tests.listener import Listener
from tools import environment

if "KOPPLA_TEST_RUN" not in os.environ:
    _folder = tempfile.TemporaryDirectory(prefix="koppla-test-")
    atexit.register(_folder.cleanup)
    os.environ |= environment.test(Path(_folder.name))

# Not in pyproject.toml: pytest-django would read the settings before this file was read.
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

# Slow on purpose, which proves nothing here. Each kept password tells its own number of rounds.
PBKDF2PasswordHasher.iterations = 1

# The same examples each time, so that a change is judged by what it changed.
# `--hypothesis-profile=long` looks for new ones, fifty times as many.
settings.register_profile("short", derandomize=True, deadline=None, database=None)
settings.register_profile(
    "long", settings.get_profile("short"), derandomize=False, max_examples=5_000
)
settings.load_profile("short")


@pytest.fixture(scope="session")
def identity_provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    yield provider
    provider.end()


@pytest.fixture(autouse=True)
def whole_sign_in(monkeypatch) -> None:
    from tests.signing_in import force_login

    monkeypatch.setattr("django.test.Client.force_login", force_login)


@pytest.fixture(autouse=True)
def empty_sms_outbox(settings) -> None:
    """Not by a variable: under ./dev test the settings are read before this file."""
    from messaging.notices.sms import locmem

    settings.SMS_GATEWAY = "messaging.notices.sms.locmem.Gateway"
    locmem.outbox.clear()


@pytest.fixture(scope="session", autouse=True)
def draw_each_sheet_once() -> Iterator[None]:
    """Drawing takes a process and a second, and gives the same bytes each time."""
    from messaging.sheet import pdf

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(pdf, "_press", cache(pdf._press))
        yield


@pytest.fixture(autouse=True)
def own_restore_marker(settings) -> None:
    """Each test begins with another database: to the file of the last one it looks restored."""
    settings.RESTORE_MARKER_FILE = f"{settings.DATA_DIR}/restore-marker-{uuid4()}"


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    listener = Listener()
    listener.listen()
    yield listener
    listener.stop()


@pytest.fixture(autouse=True)
def nothing_personal_is_written(listener) -> Iterator[None]:
    """Whatever a test is about: no name or number in a log line, an address or the queue."""
    yield
    heard = listener.found.copy()
    listener.found.clear()
    assert heard == []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long is run by `-m verification`, at night."""
    if "verification" not in config.option.markexpr:
        items[:] = [item for item in items if not item.get_closest_marker("verification")]
    run = os.environ.get("KOPPLA_TEST_PART", "")
    items[:] = [item for item in items if runs.has(run, item.path)]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """Only here can history be emptied: after a test whose transactions were real."""
    from django.db import connection

    emptied = connection.ops.sql_flush

    def sql_flush(*args, **options) -> list[str]:
        off, on = without_triggers(connection)
        return [*off, *emptied(*args, **options), *on]

    connection.ops.sql_flush = sql_flush


def without_triggers(connection) -> tuple[list[str], list[str]]:
    """What puts the triggers out of the way, and what brings them back."""
    if connection.vendor == "postgresql":
        return ["SET LOCAL session_replication_role = replica"], []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
    return [f'DROP TRIGGER "{name}"' for name, _ in triggers], [sql for _, sql in triggers]

"""The databases that are measured. Each register is filled once and kept for all cases."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any

import environ
import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from bench import people

_serial = count(1)


@dataclass(frozen=True)
class Register:
    connection: BaseDatabaseWrapper

    def use(self) -> None:
        """Let the product have this database from now on."""
        connections["default"] = self.connection


def names() -> list[str]:
    return [name for name, (variable, _) in _KINDS.items() if variable in os.environ]


@cache
def register(name: str, rows: int, *, purpose: str = "to be read") -> Register:
    """So many people, of whom 40 are the measured contact person's. One for each purpose."""
    variable, make = _KINDS[name]
    config = make(os.environ[variable], f"bench{next(_serial)}")
    made = Register(ConnectionHandler({"default": config})["default"])
    made.use()
    call_command("migrate", verbosity=0)
    people.fill(rows)
    if made.connection.vendor == "postgresql":
        # What autovacuum does by itself after a while.
        made.connection.cursor().execute("VACUUM ANALYZE")
    return made


def _sqlite(url: str, name: str) -> dict[str, Any]:
    """With the product's own options."""
    config = environ.Env.db_url_config(url)
    options = settings.DATABASES["default"]["OPTIONS"]
    return {**config, "NAME": f"{config['NAME']}.{name}", "OPTIONS": options}


def _postgresql(url: str, name: str) -> dict[str, Any]:
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    return {**environ.Env.db_url_config(url), "NAME": name}


_KINDS: dict[str, tuple[str, Callable[[str, str], dict[str, Any]]]] = {
    "SQLite": ("BENCH_SQLITE_URL", _sqlite),
    "PostgreSQL": ("BENCH_POSTGRES_URL", _postgresql),
}

"""A short campaign. `./dev kill` runs the long one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.kill import steps

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def database_url(tmp_path) -> Iterator[str]:
    """An empty database: the workers of a campaign see only what is committed."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/kill.sqlite3"
        return
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("CREATE DATABASE kill")
        yield url.rpartition("/")[0] + "/kill"
        server.execute("DROP DATABASE kill WITH (FORCE)")


def test_nothing_is_lost_or_doubled_whenever_a_process_dies(database_url, tmp_path):
    env = os.environ | {"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "tests.kill", "--messages=200", "--kills=60", "--seed=7"]

    campaign = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )

    assert campaign.returncode == 0, campaign.stdout + campaign.stderr
    assert "0 lost, 0 doubled, 0 not settled" in campaign.stdout


def test_every_step_has_a_name_of_its_own():
    assert len(steps.names(steps.WORKER | steps.WEB)) >= 24

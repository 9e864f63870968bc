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


def kill(database_url, tmp_path, *arguments) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "tests.kill", "--seed=7", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_nothing_is_lost_or_doubled_whenever_a_process_dies(database_url, tmp_path):
    campaign = kill(database_url, tmp_path, "--messages=200", "--kills=60")

    assert campaign.returncode == 0, campaign.stdout + campaign.stderr
    assert "0 lost, 0 doubled, 0 not settled" in campaign.stdout


def test_the_other_side_equals_ours_whenever_a_night_dies(database_url, tmp_path):
    """The database lives: here it is shared with other tests."""
    once = ("--nights", "--per-step=1", "--deaths=0", "--gateways", "file", "http")
    campaign = kill(database_url, tmp_path, *once)

    assert campaign.returncode == 0, campaign.stdout + campaign.stderr
    clean = "0 different, 0 on the wrong day, 0 doubled, 0 left"
    assert campaign.stdout.count(clean) == 2


def test_every_step_has_a_name_of_its_own():
    assert len(steps.names(steps.WORKER | steps.WEB)) >= 24

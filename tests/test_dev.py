"""./dev itself, started the way a person starts it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from tests import runs
from tools import demo, environment, processes, testing

ROOT = Path(__file__).parent.parent


def dev_run(data: Path, port: int) -> subprocess.Popen[str]:
    env = os.environ | {"DATA_DIR": str(data), "BEAT_SECONDS": "3"}
    command = [sys.executable, "dev", "run", "--port", str(port)]
    pipe = subprocess.PIPE
    return processes.start(command, env, pipe, stderr=pipe, text=True)


def start(script: str) -> subprocess.Popen[bytes]:
    return processes.start(["sh", "-c", script], dict(os.environ), subprocess.DEVNULL)


def is_running(process: psutil.Process) -> bool:
    # A machine whose first process adopts no orphans keeps them as zombies.
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def belonging_to(data: Path) -> list[psutil.Process]:
    """Everything that was started with this DATA_DIR."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("DATA_DIR") == str(data):
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.fixture
def running(tmp_path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = free_port()
    process = dev_run(tmp_path, port)
    try:
        assert wait_for_line(process, "Logs"), process.stderr.read()
        yield process, port
    finally:
        process.terminate()
        process.communicate(timeout=30)


def wait_for_line(process: subprocess.Popen[str], start: str) -> bool:
    return any(line.startswith(start) for line in process.stdout)


class TestRun:
    def test_refuses_a_taken_port_before_it_makes_anything(self, tmp_path):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]

            process = dev_run(tmp_path, port)
            _, errors = process.communicate(timeout=20)

        assert process.returncode == 1
        assert errors.startswith(f"Port {port} cannot be used")
        assert len(errors.splitlines()) == 1
        assert [file.name for file in tmp_path.iterdir()] == ["run.lock"]

    def test_comes_up_alone_and_leaves_nothing_behind(self, running, tmp_path):
        process, port = running

        for name in ("localhost", "127.0.0.1"):
            with urlopen(f"http://{name}:{port}/halsa/redo", timeout=20) as response:
                assert response.status == 200
        second = dev_run(tmp_path, free_port())
        _, errors = second.communicate(timeout=20)
        process.send_signal(signal.SIGINT)

        assert (second.returncode, process.wait(timeout=30)) == (1, 0)
        assert "already running" in errors
        assert belonging_to(tmp_path) == []
        assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600

    def test_ends_with_an_error_when_one_of_the_two_dies(self, capsys):
        lives, dies = start("sleep 60"), start("exit 7")

        assert demo.watch({"web": lives, "worker": dies}) == 1
        processes.end([lives, dies])
        assert "The worker process ended with code 7." in capsys.readouterr().err


class TestEnd:
    def test_kills_what_does_not_listen_and_all_that_it_started(self, monkeypatch):
        monkeypatch.setattr(processes, "PATIENCE", 0.5)
        deaf = start("trap '' TERM; sleep 60 & sleep 60")
        while len(family := [psutil.Process(deaf.pid), *psutil.Process(deaf.pid).children()]) < 3:
            time.sleep(0.01)

        processes.end([deaf])

        assert [member for member in family if is_running(member)] == []


class TestEnvironment:
    def test_keeps_a_real_database_and_gateway_out_of_the_demo(self, monkeypatch, tmp_path):
        monkeypatch.setenv("DATABASE_URL", "postgres://production/koppla")
        monkeypatch.setenv("SMS_GATEWAY", "messaging.notices.sms.twilio.Gateway")
        monkeypatch.setenv("DATA_DIR", str(tmp_path))

        env = environment.demo(port=8000)

        assert {"DATABASE_URL", "SMS_GATEWAY"}.isdisjoint(env)

    def test_keeps_the_secret_between_starts(self, monkeypatch, tmp_path):
        monkeypatch.setenv("DATA_DIR", str(tmp_path))

        first, second = environment.demo(port=8000), environment.demo(port=8001)

        assert first["SECRET_KEY"] == second["SECRET_KEY"]
        assert len(first["SECRET_KEY"]) >= 50


class TestRuns:
    """Every test is in one of those on PostgreSQL, as in production, and nearly all on SQLite."""

    def test_divide_the_suite_between_them(self):
        for file in (ROOT / "tests").rglob("test_*.py"):
            on_postgresql = [name for name in testing.AFTERWARDS if runs.has(name, file)]
            journey, once = runs.BROWSER in file.parents, file in runs.ONCE
            assert len(on_postgresql) == 1, file
            assert runs.has("sqlite", file) or journey or once, file

    def test_make_exceptions_only_for_files_that_are_there(self):
        assert {file.name for file in runs.BROWSER.iterdir()} > runs.ON_SQLITE_TOO
        assert all(file.exists() for file in runs.ONCE)


class TestSumUp:
    REPORT = (
        "<testsuites><testsuite>"
        "<testcase/><testcase><failure/></testcase><testcase><error/></testcase>"
        "<testcase><skipped/></testcase></testsuite></testsuites>"
    )

    @pytest.fixture
    def folders(self, tmp_path) -> list[Path]:
        folders = [tmp_path / "sqlite", tmp_path / "postgresql"]
        for folder in folders:
            folder.mkdir()
        return folders

    def test_adds_both_runs_and_counts_errors_as_failed(self, folders, capsys):
        for folder in folders:
            (folder / "junit.xml").write_text(self.REPORT)

        assert testing.sum_up(folders, [1, 1]) == 1
        assert capsys.readouterr().out == "2 passed, 4 failed, 2 skipped\n"

    def test_counts_a_run_that_broke_as_failed(self, folders, capsys):
        (folders[0] / "junit.xml").write_text("<testsuites><testcase/></testsuites>")

        assert testing.sum_up(folders, [0, 3]) == 1
        assert capsys.readouterr().out == "1 passed, 1 failed, 0 skipped\n"

    @pytest.mark.parametrize(("codes", "result"), [([5, 5], 1), ([0, 5], 0), ([0, 0], 0)])
    def test_fails_when_nothing_ran_at_all(self, folders, codes, result):
        assert testing.sum_up(folders, codes) == result


def test_the_list_of_commands_is_printed_when_none_is_given():
    command = [sys.executable, "dev"]

    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    listed = re.findall(r"\./dev (\w+)", answer.stdout)
    assert listed == ["run", "test", "check", "fix", "manage", "bench", "kill", "lock"]

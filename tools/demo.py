"""`./dev run`: the whole product on one machine, with nothing but Python and SQLite."""

from __future__ import annotations

import argparse
import errno
import fcntl
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, closing
from pathlib import Path
from typing import IO

from tools import environment, installation, processes
from tools.paths import PYTHON, ROOT, program

READY_WITHIN = 90  # seconds; a slow machine's first beat included
LOGS = {"web": "log/web.log", "worker": "log/worker.log"}


def run(arguments: list[str]) -> int:
    port, data = _port(arguments), environment.data_dir()
    with ExitStack() as stack:
        stack.enter_context(_only_one(data, port))
        _refuse_taken(port)
        installation.install("run")
        env = environment.demo(port)
        sign_ins = _prepare(env)
        children: dict[str, subprocess.Popen[bytes]] = {}
        stack.callback(lambda: processes.end(children.values()))
        for name, command in _commands(port, data).items():
            with (data / LOGS[name]).open("wb") as log:
                children[name] = processes.start(command, env, log)
        _wait_until_ready(port, children)
        _tell(port, sign_ins, data)
        return watch(children)


def manage(arguments: list[str]) -> int:
    installation.install("run")
    env = environment.demo(port=8000)
    os.execve(PYTHON, [str(PYTHON), "manage.py", *arguments], env)  # noqa: S606


def _port(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev run", description="Start the demo.")
    parser.add_argument("--port", type=int, default=8000, help="where to listen (8000)")
    port: int = parser.parse_args(arguments).port
    return port


def _only_one(data: Path, port: int) -> IO[str]:
    """Two of them would share one queue and one database. The lock is gone with the file."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = (data / "run.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        sys.exit(f"./dev run is already running on {_shown(data)} ({lock.read().strip()}).")
    lock.truncate(0)
    lock.write(f"process {os.getpid()}, http://localhost:{port}\n")
    lock.flush()
    return lock


def _refuse_taken(port: int) -> None:
    """A browser asks for localhost at either address, so both must be free."""
    try:
        addresses = socket.getaddrinfo("localhost", port, type=socket.SOCK_STREAM)
        for family, kind, _, _, address in addresses:
            _bind(family, kind, address)
    except (OSError, OverflowError) as error:
        sys.exit(f"Port {port} cannot be used: {error}. Choose another: ./dev run --port 8001")


def _bind(family: int, kind: int, address: tuple[object, ...]) -> None:
    with closing(socket.socket(family, kind)) as probe:
        # What a stopped server leaves in TIME_WAIT does not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno != errno.EADDRNOTAVAIL:
                raise


def _prepare(env: dict[str, str]) -> str:
    """Database and invented people. Returns who can sign in."""
    code = (
        "import django; django.setup();"
        "from django.core.management import call_command;"
        "call_command('migrate', verbosity=0); call_command('load_demo')"
    )
    done = subprocess.run(
        [PYTHON, "-c", code], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=False
    )
    return done.stdout if done.returncode == 0 else sys.exit("The database could not be prepared.")


def _commands(port: int, data: Path) -> dict[str, list[str]]:
    web = [program("gunicorn"), "--config", "python:config.gunicorn"]
    web += ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4", "config.wsgi"]
    worker = [program("celery"), "--quiet", "-A", "config", "worker", "-B"]
    worker += ["-P", "threads", "-c", "2", "--without-gossip", "--without-mingle"]
    worker += ["-s", str(data / "celerybeat-schedule")]
    return {"web": web, "worker": worker}


def _wait_until_ready(port: int, children: dict[str, subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + READY_WITHIN
    answer = ""
    while time.monotonic() < deadline and not _dead(children):
        status, answer = _ask(port)
        if status == 200:
            return
        time.sleep(0.1)
    sys.exit(f"Not ready. {_obituary(children) or answer} See {_logs(environment.data_dir())}.")


def _ask(port: int) -> tuple[int, str]:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://localhost:{port}/halsa/redo", timeout=5) as response:
            return response.status, ""
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def _tell(port: int, sign_ins: str, data: Path) -> None:
    print(f"\nKoppla på is running at http://localhost:{port}\n")
    print(sign_ins.strip())
    print(f"\nLogs (JSON lines): {_logs(data)}. Stop with Ctrl-C.", flush=True)


def watch(children: dict[str, subprocess.Popen[bytes]]) -> int:
    try:
        while not _dead(children):
            time.sleep(0.2)
    except SystemExit:
        print("\nStopping.", flush=True)
        return 0
    print(_obituary(children), f"See {_logs(environment.data_dir())}.", file=sys.stderr)
    return 1


def _dead(children: dict[str, subprocess.Popen[bytes]]) -> list[str]:
    return [name for name, child in children.items() if child.poll() is not None]


def _obituary(children: dict[str, subprocess.Popen[bytes]]) -> str:
    return " ".join(
        f"The {name} process ended with code {children[name].returncode}."
        for name in _dead(children)
    )


def _logs(data: Path) -> str:
    return " and ".join(_shown(data / log) for log in LOGS.values())


def _shown(path: Path) -> str:
    return os.path.relpath(path, ROOT) if ROOT in path.parents else str(path)

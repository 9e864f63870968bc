"""The demo as it is really run: web, worker and beat as processes of their own.

On SQLite as `./dev run` starts them, on PostgreSQL and Valkey as docker-compose.yml does.
"""

import os
import shlex
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import yaml
from psycopg import sql

from tools import demo, environment, processes
from tools.paths import PYTHON, ROOT, program

# As in the sketches of the screens. Every promise of a date follows from it.
MONDAY = datetime(2026, 11, 23, 10, 42, tzinfo=ZoneInfo("Europe/Stockholm"))
ON_POSTGRESQL = os.environ.get("KOPPLA_TEST_RUN") == "postgresql"
# A notice is only sent when 15 seconds of its lease are left.
LEASE = 17


class Product:
    def __init__(self, data: Path, env: dict[str, str] | None = None) -> None:
        self.data = data
        self.port = _free_port()
        self.url = f"http://localhost:{self.port}"
        self.env = env or self._env()
        self.commands = self._commands()
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def _env(self) -> dict[str, str]:
        services = _services() if ON_POSTGRESQL else {}
        return environment.test(self.data) | services | {
            "BEAT_SECONDS": "1",
            "DEMO": "1",
            "NOTICE_LEASE_SECONDS": str(LEASE),
            "NOTICE_SETTLE_SECONDS": "1",
            "PUBLIC_BASE_URL": self.url,
            "SMS_GATEWAY": "messaging.notices.sms.outbox.Gateway",
        }  # fmt: skip

    def _commands(self) -> dict[str, list[str]]:
        return (
            _as_composed(self.port, self.data)
            if ON_POSTGRESQL
            else demo._commands(self.port, self.data)
        )

    def now(self) -> datetime:
        """What the demo's clock says."""
        offset = float((self.data / "demo-clock").read_text())
        return datetime.fromtimestamp(time.time() + offset, tz=MONDAY.tzinfo)

    def start(self) -> None:
        """A fresh database with the demo's people, at ten on a Monday."""
        seconds = MONDAY.timestamp() - time.time()
        (self.data / "demo-clock").write_text(str(seconds))
        demo._prepare(self.env)
        for name in self.commands:
            self.launch(name)
        self.wait_until_ready()

    def launch(self, name: str, **variables: str) -> None:
        with (self.data / "log" / f"{name}.log").open("ab") as log:
            command, env = self.commands[name], self.env | variables
            self.running[name] = processes.start(command, env, log)

    def kill(self, name: str) -> None:
        """As `kill -9` of all that the process has started: nothing is tidied up."""
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self, *names: str) -> None:
        processes.end([self.running.pop(name) for name in names or list(self.running)])

    def end(self) -> None:
        """Nothing is worth waiting for."""
        processes.end(self.running.values(), asking=signal.SIGKILL)

    def wait_until_ready(self) -> None:
        """Beat has ticked too: only then does the night take care of itself."""
        deadline = time.monotonic() + 90
        while not self._is_ready():
            assert time.monotonic() < deadline, self.said()
            assert all(process.poll() is None for process in self.running.values()), self.said()
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(f"{self.url}/halsa/redo", timeout=5) as response:
                return bool(response.status == 200)
        except (OSError, urllib.error.HTTPError):
            return False

    def said(self) -> str:
        return "\n".join(log.read_text() for log in (self.data / "log").iterdir())


class Office(Product):
    """The web process as a municipality has it, on the demo's database: with a provider."""

    def __init__(self, product: Product, issuer: str, **variables: str) -> None:
        super().__init__(product.data, product.env)
        self.env = product.env | variables | {
            "DEMO": "0",
            "DEBUG": "1",  # serves styles and scripts from where they are written
            "OIDC_ISSUER": issuer,
            "OIDC_CLIENT_ID": "koppla",
            "OIDC_CLIENT_SECRET": "only for tests",
            "PUBLIC_BASE_URL": self.url,
        }  # fmt: skip

    def start(self) -> None:
        self.launch("web")
        self.wait_until_ready()


def _as_composed(port: int, data: Path) -> dict[str, list[str]]:
    """What the containers run, on a port of ours and with another /tmp."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    commands = {}
    for name in ("web", "worker", "beat"):
        command = services[name]["command"].replace("0.0.0.0:8000", f"127.0.0.1:{port}")
        command = command.replace(" /tmp/", f" {data}/")
        first, *rest = shlex.split(command)
        commands[name] = [str(PYTHON), *rest] if first == "python" else [program(first), *rest]
    return commands


def _services() -> dict[str, str]:
    """A database of its own, and numbers of Valkey that the other tests do not use."""
    server, _, name = os.environ["DATABASE_URL"].rpartition("/")
    fresh = f"browser_{os.getpid()}"
    with psycopg.connect(f"{server}/{name}", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(fresh)))
    broker = os.environ["BROKER_URL"].rpartition("/")[0]
    return {
        "BROKER_URL": f"{broker}/5",
        "CACHE_URL": f"{broker}/6",
        "DATABASE_URL": f"{server}/{fresh}",
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])

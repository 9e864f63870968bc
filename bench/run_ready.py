"""How long `./dev run` takes to say that the product is running, once it has been set up."""

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing

from bench.measure import Result, in_turn
from tools import processes
from tools.paths import ROOT

STARTS = 3
LIMIT = 8  # seconds


def run(rows: int) -> Iterator[Result]:
    """The demo has its own 40 people, whatever the number of rows."""
    with tempfile.TemporaryDirectory(prefix="koppla-bench-run-") as data:
        demo = Demo(data)
        try:
            (first,) = in_turn(demo.start, rounds=1, warm_up=0)
            (again,) = in_turn(demo.start, rounds=STARTS, warm_up=0, before=demo.stop)
        finally:
            demo.stop()
    yield Result(
        "run-ready", 40, "SQLite", again.median, again.spread,
        ratio=again.over(first),
        against="the first start",
        target=f"<= {LIMIT} s",
        ok=again.median <= LIMIT * 1000,
    )  # fmt: skip


class Demo:
    def __init__(self, data: str) -> None:
        self._env = os.environ | {"DATA_DIR": data}
        self._running: subprocess.Popen[bytes] | None = None
        self.address = ""

    def start(self) -> None:
        port = _free_port()
        self.address = f"http://localhost:{port}"
        command = [str(ROOT / "dev"), "run", "--port", str(port)]
        self._running = processes.start(command, self._env, subprocess.PIPE)
        assert self._running.stdout  # noqa: S101  # a pipe
        for line in self._running.stdout:
            if b" is running at " in line:
                return
        raise RuntimeError("./dev run ended before it was ready")

    def stop(self) -> None:
        if self._running:
            processes.end([self._running])
            self._running = None


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port

"""Children in groups of their own, and none of them left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

from tools.paths import ROOT

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PRCTL: Any = getattr(ctypes.CDLL(None), "prctl", None)  # Linux only
PR_SET_PDEATHSIG = 1
PATIENCE = 10.0  # seconds between asking and killing


def stop_on_signals() -> None:
    """Turn a signal into an exception, so that every `finally` runs."""
    for number in STOPPING:
        # nohup means it. A shell that starts us in the background ignores SIGINT for us: not asked.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _leave)


def _leave(number: int, _: object) -> None:
    raise SystemExit(128 + number)


def start(
    command: list[str], env: dict[str, str], output: IO[Any] | int | None = None, **options: Any
) -> subprocess.Popen[bytes]:
    """In a group of its own, so that all it starts can be ended with it."""
    error = subprocess.STDOUT if output else None
    if PRCTL:
        options["preexec_fn"] = _end_with_parent
    options = {"cwd": ROOT, "env": env, "stdout": output, "stderr": error, **options}
    return subprocess.Popen(command, start_new_session=True, **options)


def _end_with_parent() -> None:
    """Even when we are killed and can end nothing ourselves."""
    PRCTL(PR_SET_PDEATHSIG, signal.SIGTERM)


def end(
    children: Iterable[subprocess.Popen[bytes]], asking: signal.Signals = signal.SIGTERM
) -> None:
    """Ask the groups to stop, wait, then kill what is left."""
    groups = list(children)
    with _undisturbed():
        _signal(groups, asking)
        _wait(groups, PATIENCE)
        _signal(groups, signal.SIGKILL)
        for child in groups:
            child.wait()
        _wait(groups, 1)  # for the rest of the groups, whose parent is now another


@contextmanager
def _undisturbed() -> Iterator[None]:
    """An impatient second Ctrl-C must not leave half of the children running."""
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in STOPPING}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def _wait(groups: list[subprocess.Popen[bytes]], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(map(_is_alive, groups)) and time.monotonic() < deadline:
        time.sleep(0.05)


def _signal(groups: list[subprocess.Popen[bytes]], number: signal.Signals) -> None:
    for child in groups:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number)


def _is_alive(child: subprocess.Popen[bytes]) -> bool:
    child.poll()  # a child that is not waited for still counts as a member of its group
    try:
        os.killpg(child.pid, 0)
    except ProcessLookupError:
        return False
    return True

"""The other sides of a night: what each holds, what it does by itself, and our steps towards it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from django.conf import settings

from messaging.sync import run, settling, write_back
from messaging.sync.gateways import builtin, file, http, manual
from tests.messaging.sync.other_side import TOKEN, EService, answer_files

Steps = dict[str, tuple[Any, str]]


class Ours:
    """Nobody else holds anything: what our rows say is true when the night says so."""

    gateway: Any = builtin.Gateway

    def steps(self) -> Steps:
        return {
            "settling": (run, "_settle"),
            "locking and settling": (run, "settle"),
            "writing history": (settling, "_tell_history"),
        }

    def work(self) -> None:
        """What it does between two turns of ours."""

    def new_day(self, *, refuses: str) -> None:
        """Forget what made a difference so far, and whom it refused."""

    def rows(self) -> dict[str, Any] | None:
        """What it holds. None: it cannot be asked."""
        return None

    def effects(self) -> list[tuple[str, int]]:
        """What made a difference since the new day."""
        return []


class ByHand(Ours):
    gateway = manual.Gateway


class Theirs(Ours):
    """Somebody is asked about each row."""

    def steps(self) -> Steps:
        return {
            "handing over": (run, "_hand_over"),
            "the call": (self.gateway, "push"),
            "writing back": (run, "write_back"),
            "writing the noes": (write_back, "_refuse"),
            "writing history": (write_back, "_events"),
        }


class Files(Theirs):
    gateway = file.Gateway

    def __init__(self, folder: Path) -> None:
        self._service, self._folder = EService(), folder
        folder.mkdir()
        settings.SYNC_FOLDER = str(folder)

    def steps(self) -> Steps:
        return super().steps() | {
            "delivering": (file.Gateway, "_deliver"),
            "writing a file": (file, "_write_whole"),
            "reading a file": (file, "read"),
            "putting a pair away": (file.Gateway, "_put_away"),
            "moving a file": (Path, "replace"),
        }

    def work(self) -> None:
        answer_files(self._folder, self._service)

    def new_day(self, *, refuses: str) -> None:
        self._service.effects.clear()
        self._service.refuse = {refuses: "unknown_person"}
        # After thousands of nights in minutes there would be more to look through than ever.
        shutil.rmtree(self._folder / "archive", ignore_errors=True)

    def rows(self) -> dict[str, Any]:
        return self._service.rows

    def effects(self) -> list[tuple[str, int]]:
        return self._service.effects


class Http(Theirs):
    """The reference receiver, in a process of its own."""

    gateway = http.Gateway

    def __init__(self, url: str) -> None:
        self._url, self._session = f"{url}/for-tests", requests.Session()
        settings.SYNC_HTTP_URL, settings.SYNC_HTTP_TOKEN = url, TOKEN

    def steps(self) -> Steps:
        return super().steps() | {
            "asking": (http.Gateway, "_ask"),
            "a request": (http.Gateway, "_once"),
        }

    def new_day(self, *, refuses: str) -> None:
        wanted = {"refuse": {refuses: "unknown_person"}}
        self._session.post(self._url, json=wanted, timeout=5).raise_for_status()

    def rows(self) -> dict[str, Any]:
        rows: dict[str, Any] = self._held()["rows"]
        return rows

    def effects(self) -> list[tuple[str, int]]:
        return [(row, version) for row, version in self._held()["effects"]]

    def _held(self) -> Any:
        return self._session.get(self._url, timeout=5).json()


@contextmanager
def side(name: str, folder: Path) -> Iterator[Ours]:
    if name == "http":
        with _receiver() as url:
            yield Http(url)
    elif name == "file":
        yield Files(folder)
    else:
        yield {"builtin": Ours, "manual": ByHand}[name]()


@contextmanager
def _receiver() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.messaging.sync.other_side"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()

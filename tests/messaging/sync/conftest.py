import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from messaging.sync.gateways import http
from tests.messaging.sync import other_side as service


class OtherSide:
    """The reference receiver, in a process of its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    def gateway(self) -> http.Gateway:
        return http.Gateway()

    def work(self) -> None:
        """It answers at once."""

    def prepare(self, **wanted) -> None:
        requests.post(f"{self.url}/for-tests", json=wanted, timeout=5).raise_for_status()

    def refuse(self, whom: dict[str, str]) -> None:
        self.prepare(refuse=whom)

    def rows(self) -> dict:
        return requests.get(f"{self.url}/for-tests", timeout=5).json()["rows"]

    def asked(self) -> int:
        return requests.get(f"{self.url}/for-tests", timeout=5).json()["asked"]

    def holds(self) -> dict[int, tuple[int, bool]]:
        """Versions of open and of closed accounts."""
        rows = self.rows().items()
        return {
            int(i.removeprefix("account-")): (row["version"], row["open"])
            for i, row in rows
            if i.startswith("account-")
        }


@pytest.fixture(scope="session")
def receiver() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.messaging.sync.other_side"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        port = process.stdout.readline().strip()
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture
def other_side(receiver, settings) -> OtherSide:
    settings.SYNC_HTTP_URL, settings.SYNC_HTTP_TOKEN = receiver, service.TOKEN
    side = OtherSide(receiver)
    side.prepare(empty=True)
    return side

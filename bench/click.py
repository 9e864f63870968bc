"""From the button "Skicka test-sms" to the provider, in the demo, when nothing else waits."""

import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import requests

from bench.measure import Result, Times
from bench.run_ready import Demo
from onboarding.demo.office import STAFF

LIMIT = 2  # seconds, over the demo's queue in the file system
PATIENCE = 10
WHO = STAFF[0]


def run(rows: int) -> Iterator[Result]:
    """The demo has its own 40 people, whatever the number of rows. An SMS goes to each that may."""
    with tempfile.TemporaryDirectory(prefix="koppla-bench-click-") as data:
        demo = Demo(data)
        try:
            demo.start()
            times = Times(list(_clicks(demo.address, Path(data) / "outbox")))
        finally:
            demo.stop()
    p95 = times.percentile(95)
    yield Result(
        "click.p95", len(times.milliseconds), "SQLite", p95, times.spread,
        target=f"<= {LIMIT} s",
        ok=p95 <= LIMIT * 1000,
    )  # fmt: skip


def _clicks(address: str, outbox: Path) -> Iterator[float]:
    visitor = _Visitor(address)
    visitor.get("/konto/logga-in/")
    visitor.post("/konto/logga-in/", login=WHO.email, password=WHO.password)
    visitor.get("/")
    visitor.post("/demo/klocka/", to="morning")  # by night no SMS leaves
    people = set(re.findall(r"/personer/[0-9a-f-]{36}/", visitor.get("/?vy=alla")))
    for person in sorted(people):
        if f"{person}test-sms/" in visitor.get(person):
            took = _until_more(outbox, visitor, f"{person}test-sms/")
            yield from [took] if took else []


def _until_more(outbox: Path, visitor: "_Visitor", address: str) -> float | None:
    """Milliseconds. None: this person is sent none."""
    before, began = _count(outbox), time.perf_counter()
    visitor.post(address, submission=str(uuid4()))
    while time.perf_counter() - began < PATIENCE:
        if _count(outbox) > before:
            return (time.perf_counter() - began) * 1000
        time.sleep(0.01)
    return None


def _count(outbox: Path) -> int:
    return sum(1 for _ in outbox.glob("*.sms.json"))


class _Visitor:
    def __init__(self, address: str) -> None:
        self._address = address
        self._session = requests.Session()
        self._token = ""

    def get(self, path: str) -> str:
        answer = self._session.get(self._address + path, timeout=PATIENCE)
        answer.raise_for_status()
        if found := re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.text):
            self._token = found[1]
        return answer.text

    def post(self, path: str, **form: str) -> None:
        form["csrfmiddlewaretoken"] = self._token
        # Not to where it leads: the page is not part of what is measured.
        answer = self._session.post(
            self._address + path, form, timeout=PATIENCE, allow_redirects=False
        )
        answer.raise_for_status()

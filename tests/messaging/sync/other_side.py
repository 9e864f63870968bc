"""A small e-service of somebody else's, as docs/e-service.openapi.yml and docs/sync-files.md ask.

`python -m tests.messaging.sync.other_side` serves it over http on a free port, which it prints.
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "hemlig"


class EService:
    """What it holds, and how it judges a row. Knows nothing of how the row came."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        # None: it does not tell what people have read.
        self.readings: list[dict[str, str]] | None = None
        # Each time that a row made a difference: which, and its version.
        self.effects: list[tuple[str, int]] = []
        # For tests: whom it refuses, whom it forgets, and whom it cannot take now.
        self.refuse: dict[str, str] = {}
        self.later: list[str] = []

    def take(self, row: dict[str, Any]) -> dict[str, Any]:
        answer = {"id": row["id"], "version": row["version"]}
        there = self.rows.get(row["id"])
        if row["person"] in self.later:
            return answer | {"result": "later"}
        if row["person"] in self.refuse:
            return answer | {"result": "refused", "reason": self.refuse[row["person"]]}
        if there and there["version"] > row["version"]:
            return answer | {"result": "refused", "reason": "newer_version"}
        if there != row:
            self.effects.append((row["id"], row["version"]))
        self.rows[row["id"]] = row
        return answer | {"result": "accepted"}

    def read_after(self, after: str, limit: int) -> list[dict[str, str]]:
        return [row for row in self.readings or [] if row["read_at"] > after][:limit]

    def page(self, kind: str, after: int, limit: int) -> list[dict[str, Any]]:
        numbered = {int(i.partition("-")[2]): r for i, r in self.rows.items() if i.startswith(kind)}
        return [numbered[key] for key in sorted(numbered) if key > after][:limit]


def answer_files(folder: Path, service: EService) -> int:
    """What a job on the other side does: every delivery that has no answer yet."""
    from messaging.sync.gateways import file

    answered = 0
    for manifest in sorted((folder / "to").glob("*.manifest.json")):
        name = manifest.name.removesuffix(".manifest.json")
        if (folder / "from" / f"{name}{file.ANSWERS}").exists():
            continue
        lines = [json.dumps(service.take(row)) for row in file.read(manifest)]
        file.write(folder / "from", name, lines, file.ANSWERS)
        answered += 1
    return answered


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service = EService()
    lock = Lock()
    # What it has answered to each key, and the statuses that it is told to answer instead.
    done: dict[str, bytes] = {}
    faults: list[int] = []
    slowness = 0.0
    asked = 0

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers["Content-Length"]))
        with self.lock:
            if self.path == "/for-tests":
                return self._prepare(json.loads(said))
            type(self).asked += 1
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return self._answer(401, b"{}")
            if self.faults:
                return self._fail(self.faults.pop(0), said)
            key = self.headers["Idempotency-Key"]
            if key not in self.done:
                self.done[key] = self._take(said)
            return self._answer(200, self.done[key])

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        with self.lock:
            if url.path == "/for-tests":
                there = self.service
                held = {"rows": there.rows, "effects": there.effects, "asked": self.asked}
                return self._answer(200, json.dumps(held).encode())
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return self._answer(401, b"{}")
            asked = {name: values[0] for name, values in parse_qs(url.query).items()}
            if url.path == "/readings":
                if self.service.readings is None:
                    return self._answer(404, b"{}")
                found = self.service.read_after(asked.get("after", ""), int(asked["limit"]))
                return self._answer(200, json.dumps({"readings": found}).encode())
            rows = self.service.page(asked["kind"], int(asked["after"]), int(asked["limit"]))
            return self._answer(200, json.dumps({"rows": rows}).encode())

    def _take(self, said: bytes) -> bytes:
        answers = [self.service.take(row) for row in json.loads(said)["changes"]]
        return json.dumps({"answers": answers}).encode()

    def _fail(self, status: int, said: bytes) -> None:
        """299: takes it, and the line breaks before the answer. 298: answers with half of it."""
        if status == 299:
            self._take(said)
            self.close_connection = True
            return None
        if status == 298:
            half = json.loads(self._take(said))["answers"]
            return self._answer(200, json.dumps({"answers": half[: len(half) // 2]}).encode())
        if status == 297:
            return self._answer(200, b"<html>not what was asked for</html>")
        return self._answer(status, b"{}")

    def _prepare(self, wanted: dict[str, Any]) -> None:
        if wanted.get("empty"):
            self.service.rows.clear()
        self.service.rows.update(wanted.get("rows", {}))
        self.service.effects.clear()
        for gone in wanted.get("lose", []):
            self.service.rows.pop(gone, None)
        self.service.refuse = wanted.get("refuse", {})
        self.service.later = wanted.get("later", [])
        self.service.readings = wanted.get("readings")
        type(self).faults = wanted.get("faults", [])
        type(self).slowness = wanted.get("slowness", 0.0)
        type(self).asked = 0
        self._answer(200, b"{}")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", "0")
        self.end_headers()
        for at in range(0, len(body), 10) if self.slowness else ():
            self.wfile.write(body[at : at + 10])
            time.sleep(self.slowness)
        if not self.slowness:
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """It says nothing: its output is the port."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()

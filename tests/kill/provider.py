"""An SMS provider that behaves as badly as a real one can, and remembers all that it took.

It speaks as Twilio does. What it took is in a file before it answers: that file is the truth.
"""

import json
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import Request, urlopen
from uuid import uuid4

from twilio.request_validator import RequestValidator

ACCOUNT, TOKEN = "AC" + "0" * 32, "secret-token"

# How long a caller waits, and how long before a look-up shows what was taken. Seconds.
PATIENCE, LAG = 1.0, 0.3

# What becomes of a request to send: whether it is taken, and how it is answered.
WELL = "taken, answered"
FAULTS = (
    "taken, no answer",
    "taken, answered 500",
    "taken, reset",
    "taken after the caller has given up",
    "not taken, answered 500",
    "not taken, answered 429",
    "not taken, reset",
)
# How often each report comes: lost, as it should, or twice.
TIMES = (0, 1, 1, 2)


class Provider(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 100

    def __init__(self, ledger: Path, *, faults: float, seed: int) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self._ledger = ledger.open("a")
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._faults = faults
        self.taken: list[dict[str, Any]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def mood(self) -> str:
        with self._lock:
            bad = self._random.random() < self._faults
            return self._random.choice(FAULTS) if bad else WELL

    def take(self, asked: dict[str, str]) -> dict[str, Any]:
        url = asked["StatusCallback"]
        message = {
            "sid": f"SM{uuid4().hex}",
            "ref": urlsplit(url).path.rstrip("/").rpartition("/")[2],
            "to": asked["To"],
            "body": asked["Body"],
            "status": "queued",
            "at": time.time(),
        }
        with self._lock:
            self._ledger.write(json.dumps(message) + "\n")
            self._ledger.flush()
            os.fsync(self._ledger.fileno())
            self.taken.append(message)
            calls = list(self._reports())
        for status, after, is_forged in calls:
            timer = threading.Timer(after, _call_back, (url, message, status, is_forged))
            timer.daemon = True
            timer.start()
        return message

    def _reports(self) -> Iterator[tuple[str, float, bool]]:
        """In any order, some never, some twice, and now and then somebody else's."""
        for status in ("sent", "delivered"):
            for _ in range(self._random.choice(TIMES)):
                yield status, self._random.uniform(0, 2 * PATIENCE), False
        if self._random.random() < 0.1:
            yield "failed", self._random.uniform(0, PATIENCE), True

    def shown(self, to: str) -> list[dict[str, Any]]:
        """The newest first. What was just taken is not there yet."""
        with self._lock:
            taken = list(self.taken)
        return [m for m in reversed(taken) if m["to"] == to and m["at"] < time.time() - LAG]


class _Answer(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        asked = dict(parse_qsl(self.rfile.read(length).decode()))
        mood = self.server.mood()
        if mood == "taken after the caller has given up":
            time.sleep(1.5 * PATIENCE)
        message = self.server.take(asked) if mood.startswith("taken") else {}
        if mood == WELL:
            self._reply(201, _as_twilio(message))
        elif "answered" in mood:
            status = int(mood.rpartition(" ")[2])
            self._reply(status, {"code": 20500 if status == 500 else 20429, "status": status})
        elif mood == "taken, no answer":
            time.sleep(2 * PATIENCE)

    def do_GET(self) -> None:
        asked = dict(parse_qsl(urlsplit(self.path).query))
        shown = self.server.shown(asked.get("To", ""))
        self._reply(200, {"messages": [_as_twilio(message) for message in shown[:50]]})

    def _reply(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        with suppress(OSError):  # the caller is dead
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def _as_twilio(message: dict[str, Any]) -> dict[str, Any]:
    created = format_datetime(datetime.fromtimestamp(message["at"], UTC))
    return {**message, "date_created": created, "error_code": None}


def _call_back(url: str, message: dict[str, Any], status: str, is_forged: bool) -> None:
    if not is_forged:
        message["status"] = status
    fields = {"AccountSid": ACCOUNT, "MessageSid": message["sid"], "MessageStatus": status}
    token = "a-guess" if is_forged else TOKEN
    signature = RequestValidator(token).compute_signature(url, fields)
    request = Request(url, urlencode(fields).encode(), {"X-Twilio-Signature": signature})
    for _ in range(2):  # Twilio tries once more
        try:
            urlopen(request, timeout=5 * PATIENCE).close()
        except OSError:
            time.sleep(PATIENCE / 2)
        else:
            return

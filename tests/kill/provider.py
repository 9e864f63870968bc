"""An SMS provider that behaves as badly as a real one can, and remembers all that it took.

It speaks as Twilio does. What it took is in a file before it answers: that file is the truth.
"""

import json
import os
import random
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from twilio.request_validator import RequestValidator

from tests.messaging.notices.provider import Mood, Taken, Twilio
from web import clock

ACCOUNT, TOKEN = "AC" + "0" * 32, "secret-token"

# How long a caller waits, and how long before a look-up shows what was taken. Seconds.
PATIENCE, LAG = 1.0, timedelta(seconds=0.3)

# What becomes of a request to send: whether it is taken, and how it is answered.
WELL: Mood = ("accept", (0, ""))
FAULTS: tuple[Mood, ...] = (
    *((taken, (0, "")) for taken in ("hang", "broken", "reset", "late")),
    ("refuse", (500, 20500)),
    ("refuse", (429, 20429)),
    ("lose", (0, "")),
)
# How often each report comes: lost, as it should, or twice.
TIMES = (0, 1, 1, 2)


class Provider(Twilio):
    silence = 1.5 * PATIENCE

    def __init__(self, ledger: Path, *, faults: float, seed: int) -> None:
        super().__init__()
        self._ledger = ledger.open("a")
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._faults = faults

    def mood(self) -> Mood:
        with self._lock:
            bad = self._random.random() < self._faults
            return self._random.choice(FAULTS) if bad else WELL

    def take(self, asked: dict[str, str]) -> Taken:
        url = asked["StatusCallback"]
        ref = urlsplit(url).path.rstrip("/").rpartition("/")[2]
        with self._lock:
            self._ledger.write(json.dumps({"ref": ref}) + "\n")
            self._ledger.flush()
            os.fsync(self._ledger.fileno())
            taken = super().take(asked)
            calls = list(self._reports())
        for status, after, is_forged in calls:
            timer = threading.Timer(after, _call_back, (url, taken, status, is_forged))
            timer.daemon = True
            timer.start()
        return taken

    def _reports(self) -> Iterator[tuple[str, float, bool]]:
        """In any order, some never, some twice, and now and then somebody else's."""
        for status in ("sent", "delivered"):
            for _ in range(self._random.choice(TIMES)):
                yield status, self._random.uniform(0, 2 * PATIENCE), False
        if self._random.random() < 0.1:
            yield "failed", self._random.uniform(0, PATIENCE), True

    def shown(self) -> list[Taken]:
        """What was just taken is not there yet."""
        with self._lock:
            seen = super().shown()
        return [one for one in seen if one.created < clock.machine_now() - LAG]


def _call_back(url: str, taken: Taken, status: str, is_forged: bool) -> None:
    if not is_forged:
        taken.status = status
    fields = {"AccountSid": ACCOUNT, "MessageSid": taken.id, "MessageStatus": status}
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

"""A mail server that behaves badly, and remembers all that it took.

It counts by Message-ID: that is our own reference. What it took is in a file before it answers.
"""

import os
import random
import threading
from pathlib import Path

from tests.kill.provider import PATIENCE
from tests.messaging.notices import mail_server
from tests.messaging.notices.mail_server import MailServer

FAULTS = mail_server.BEFORE_IT_IS_TAKEN + mail_server.AFTER_IT_IS_TAKEN
_ledgers: list[Path] = []


class Mail(MailServer):
    silence = 1.5 * PATIENCE
    # A server hangs up on who says nothing, long before we send anything again.
    idle_seconds = 2 * PATIENCE

    def __init__(self, ledger: Path, *, faults: float, seed: int) -> None:
        super().__init__()
        ledger.touch()
        _ledgers[:] = [ledger]
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._faults = faults

    def mood(self) -> str:
        with self._lock:
            bad = self._random.random() < self._faults
            return self._random.choice(FAULTS) if bad else "accept"

    def take(self, message: bytes) -> None:
        with self._lock, _ledgers[0].open("a") as ledger:
            ledger.write(mail_server.reference(message) + "\n")
            ledger.flush()
            os.fsync(ledger.fileno())


def find_email(message_id: str) -> bool:
    """As a provider with an API answers. `settings.EMAIL_FINDER` names this."""
    return message_id.strip("<>").partition("@")[0] in _ledgers[0].read_text().split()

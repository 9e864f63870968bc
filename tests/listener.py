"""Hears what a test run writes where nobody's data may stand: log lines, addresses, the queue.

People of tests have published numbers, fictional telephones and a few names: those are known here.
"""

import logging
import re
from typing import Any

from celery.signals import before_task_publish
from django.core.signals import request_started

PERSONAL = re.compile(
    r"\b(?:18|19|20)\d\d(?:0[1-9]|1[0-2])[0-9]\d-?\d{4}\b"  # an identity number
    r"|\+46\d{7,9}\b|\b07\d[- ]?\d{3}[- ]?\d{2}[- ]?\d{2}\b"
    r"|[\w.+-]+@exempel\.se\b"
    r"|\b(?:Amina|Leila|Exempelsson)\b|Kanari[a-z]{3}",
    re.IGNORECASE,
)

# Drawn by chance, so now and then the digits of one look like a number of somebody's.
UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


class Listener(logging.Handler):
    """Logs are read as production writes them: after the allow-list, not before."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.setFormatter(logging.getLogger().handlers[0].formatter)

    def listen(self) -> None:
        logging.getLogger().addHandler(self)
        request_started.connect(self.on_request)
        before_task_publish.connect(self.on_publish)

    def stop(self) -> None:
        logging.getLogger().removeHandler(self)
        request_started.disconnect(self.on_request)
        before_task_publish.disconnect(self.on_publish)

    def emit(self, record: logging.LogRecord) -> None:
        self.hear("log", self.format(record))

    def on_request(self, *, environ: dict[str, Any], **_: Any) -> None:
        self.hear("address", f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}")

    def on_publish(self, *, body: object, headers: object, **_: Any) -> None:
        self.hear("queue", f"{body} {headers}")

    def hear(self, where: str, text: str) -> None:
        if PERSONAL.search(UUID.sub("", text)):
            self.found.append(f"{where}: {text}")

"""The e-service behind a REST interface of its own: docs/e-service.openapi.yml."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from random import uniform
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import requests
from django.conf import settings
from django.db.models import Q

from messaging.sync.gateways import wire
from messaging.sync.gateways.base import Answer, Change, Held, Reading, Unavailable
from persons.models import Switch

# Together well below run.LEASE and Celery's time limit, also when each byte comes slowly.
DEADLINE = 40.0
CONNECT, READ = 5.0, 15.0
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
LARGEST_ANSWER = 5_000_000
TOO_MANY = 429
PAGE = 500
NOT_THERE = "HTTP 404"


class Gateway:
    ready = Q()
    asks_nobody = False

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.auth = _bearer
        self._session.verify = settings.SYNC_HTTP_CA or True
        if settings.SYNC_HTTP_CERT:
            self._session.cert = (settings.SYNC_HTTP_CERT, settings.SYNC_HTTP_KEY)

    def push(self, batch: Sequence[Change]) -> Sequence[Answer]:
        return wire.answers(self._hand_over([wire.record(change) for change in batch]), batch)

    def held(self, model: type[Switch], after: int, limit: int) -> Sequence[Held]:
        kind = Change.kind_of(model)
        said = self._ask("GET", "changes", params={"kind": kind, "after": after, "limit": limit})
        return [wire.held(row, kind) for row in _list(said, "rows")]

    def content(self, change: Change) -> Any:
        return wire.record(change)

    def close(self, rows: Sequence[Held]) -> None:
        self._hand_over([wire.closed(row) for row in rows])

    def readings(self, after: datetime | None) -> Iterator[Reading]:
        while page := self._page_of_readings(after):
            yield from page
            # Also one that comes again and again ends.
            if len(page) < PAGE or (after and page[-1].at <= after):
                return
            after = page[-1].at

    def _page_of_readings(self, after: datetime | None) -> list[Reading]:
        asked = {"after": after.isoformat()} if after else {}
        try:
            said = self._ask("GET", "readings", params=asked | {"limit": str(PAGE)})
        except Unavailable as fault:
            if str(fault) == NOT_THERE:
                return []
            raise
        return [wire.reading(row) for row in _list(said, "readings")]

    def _hand_over(self, rows: list[dict[str, Any]]) -> list[Any]:
        if not rows:
            return []
        # One key for all tries at this call: what was done is not done again. Between calls the
        # version tells that, so that a row that was refused yesterday is judged anew.
        headers = {"Idempotency-Key": str(uuid4())}
        said = self._ask("POST", "changes", json={"changes": rows}, headers=headers)
        return _list(said, "answers")

    def _ask(self, method: str, path: str, **what: Any) -> Any:
        """Tries again where that can help, for as long as there is time. Raises Unavailable."""
        gives_up = monotonic() + DEADLINE
        fault = Unavailable("Timeout")
        for pause in PAUSES:
            wait = uniform(pause / 2, pause)  # noqa: S311  # not all at the same time
            try:
                status, said, asked_to_wait = self._once(method, path, gives_up, **what)
            except (requests.RequestException, OSError) as error:
                fault = Unavailable(type(error).__name__)
            else:
                if status < 300:
                    return _read(said)
                fault = Unavailable(f"HTTP {status}")
                if status != TOO_MANY and status < 500:
                    raise fault
                wait = max(wait, asked_to_wait)
            if monotonic() + wait >= gives_up:
                break
            sleep(wait)
        raise fault

    def _once(
        self, method: str, path: str, gives_up: float, **what: Any
    ) -> tuple[int, bytes, float]:
        url = f"{settings.SYNC_HTTP_URL.rstrip('/')}/{path}"
        with self._session.request(
            method, url, timeout=(CONNECT, READ), allow_redirects=False, stream=True, **what
        ) as response:
            said = b""
            for chunk in response.iter_content(65_536):
                said += chunk
                if len(said) > LARGEST_ANSWER or monotonic() > gives_up:
                    raise requests.Timeout
            return response.status_code, said, _seconds(response.headers.get("Retry-After", ""))


def _bearer(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Also without a token: requests must not take one from the machine's .netrc instead."""
    if settings.SYNC_HTTP_TOKEN:
        request.headers["Authorization"] = f"Bearer {settings.SYNC_HTTP_TOKEN}"
    return request


def _seconds(header: str) -> float:
    return float(header) if header.isascii() and header.isdigit() else 0.0


def _read(said: bytes) -> Any:
    try:
        return json.loads(said)
    except ValueError:
        raise Unavailable("not JSON") from None


def _list(said: Any, name: str) -> list[Any]:
    found = said.get(name) if isinstance(said, dict) else None
    if not isinstance(found, list):
        raise Unavailable(f"no {name}")
    return found

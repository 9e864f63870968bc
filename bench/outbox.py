"""Notices through the whole outbox, beside the same bytes from a client that keeps no books.

Each time is that of one message, and "cpu" what it takes of our own process.
"""

import smtplib
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import requests
from django.test import override_settings

from bench import databases, sinks
from bench.databases import Register
from bench.measure import Result, Times, in_turn
from messaging.notices import delivery, email, sms_hours, texts
from messaging.notices.models import Channel, Notice
from messaging.notices.states import NoticeState
from messaging.sheet.models import SheetVersion
from messaging.wording.kinds import Kind
from persons.models import EServiceAccount
from persons.states import OPEN
from staff.models import Municipality
from web import clock

ROUNDS = 5
EACH_ROUND = 1_000
BY_DJANGO = 50
LIMITS = {"outbox.email": 2}
OF_DJANGOS = 1 / 8

_serial = count(1)


def run(rows: int) -> Iterator[Result]:
    size = min(rows, EACH_ROUND)
    for database in databases.names():
        with ready(database, size):
            yield from _emails(database, size)
            yield from _sms(database, size)


def register(database: str, size: int) -> Register:
    """Half of one uses the e-service."""
    return databases.register(database, 2 * size + 40, purpose="to be notified")


@contextmanager
def ready(database: str, size: int) -> Iterator[None]:
    """So many people to notify, at whatever hour."""
    register(database, size).use()
    accounts = EServiceAccount.objects.filter(state__in=sorted(OPEN))
    accounts.update(notify_by_sms=True, notify_by_email=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="koppla-outbox-")))
        stack.enter_context(override_settings(RESTORE_MARKER_FILE=str(folder / "marker")))
        stack.enter_context(patch.object(sms_hours, "are_open", lambda now: True))
        yield


@contextmanager
def email_through(port: int) -> Iterator[None]:
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
    ):
        yield


@dataclass
class _Way:
    """`work` sends `size` messages. `first` prepares that and is not timed."""

    work: Callable[[], object]
    size: int
    first: Callable[[], object] = lambda: None
    _wall: list[float] = field(default_factory=list)
    _cpu: list[float] = field(default_factory=list)

    def __call__(self) -> None:
        self.first()
        wall, cpu = time.perf_counter(), time.process_time()
        self.work()
        self._cpu.append((time.process_time() - cpu) / self.size * 1000)
        self._wall.append((time.perf_counter() - wall) / self.size * 1000)

    @property
    def wall(self) -> Times:
        """Without the first, which warms up."""
        return Times(self._wall[1:])

    @property
    def cpu(self) -> Times:
        return Times(self._cpu[1:])


def _emails(database: str, size: int) -> Iterator[Result]:
    with sinks.running("smtp") as port, email_through(port):
        some = queue(Channel.EMAIL, min(size, BY_DJANGO))
        message: Any = email.compose(some[0]).message()
        raw = message.as_bytes(linesep="\r\n")
        outbox = _Way(deliver, size, first=lambda: queue(Channel.EMAIL, size))
        floor = _Way(lambda: _send_raw(port, raw, size), size)
        django = _Way(lambda: [email.compose(one).send() for one in some], len(some))
        deliver()
        in_turn(outbox, floor, django, rounds=ROUNDS)
    against = "raw SMTP on one connection"
    yield from _beside("outbox.email", size, database, outbox, floor, against)
    yield Result(
        "outbox.email", size, database, outbox.wall.median, outbox.wall.spread,
        ratio=(ratio := outbox.wall.over(django.wall)),
        against="EmailMessage.send() each",
        target=f"ratio <= {OF_DJANGOS}",
        ok=ratio <= OF_DJANGOS,
    )  # fmt: skip


def _sms(database: str, size: int) -> Iterator[Result]:
    with (
        sinks.running("http") as port,
        override_settings(
            SMS_GATEWAY="messaging.notices.sms.elks46.Gateway",
            ELKS46_URL=f"http://127.0.0.1:{port}",
        ),
    ):
        outbox = _Way(deliver, size, first=lambda: queue(Channel.SMS, size))
        floor = _Way(lambda: _post_raw(port, size), size)
        in_turn(outbox, floor, rounds=ROUNDS)
    against = "requests on one connection"
    yield from _beside("outbox.sms", size, database, outbox, floor, against)


def _beside(
    case: str, size: int, database: str, ours: _Way, floor: _Way, against: str
) -> Iterator[Result]:
    limit = LIMITS.get(case)
    yield Result(
        case, size, database, ours.wall.median, ours.wall.spread,
        ratio=(ratio := ours.wall.over(floor.wall)),
        against=against,
        target=f"ratio <= {limit}" if limit else "",
        ok=ratio <= limit if limit else None,
    )  # fmt: skip
    yield Result(
        f"{case}.cpu", size, database, ours.cpu.median, ours.cpu.spread,
        ratio=ours.cpu.over(floor.cpu),
        against=against,
    )  # fmt: skip


def queue(channel: Channel, size: int) -> list[Notice]:
    """As welcomes are: the same words to everybody, and by e-mail the sheet."""
    municipality = Municipality.load()
    written = vars(texts.write(Kind.WELCOME, channel, municipality))
    attached = _sheet() if channel == Channel.EMAIL else None
    accounts = EServiceAccount.objects.filter(state__in=sorted(OPEN)).select_related("person")
    return Notice.objects.bulk_create(
        Notice(
            dedupe_key=f"bench {next(_serial)}",
            kind=Kind.WELCOME,
            channel=channel,
            person=account.person,
            address=_address(account, channel),
            sheet=attached,
            not_before=clock.now() - timedelta(minutes=1),
            **written,
        )
        for account in accounts.order_by("pk")[:size]
    )


def _sheet() -> SheetVersion:
    """A hundred kilobytes: as large as a sheet is with a picture in it."""
    content = {"digest": "bench", "html": "<p>Hej!</p>", "pdf": bytes(range(250)) * 400}
    return SheetVersion.objects.get_or_create(language="sv", version=99, defaults=content)[0]


def _address(account: EServiceAccount, channel: Channel) -> str:
    person = account.person
    return person.email if channel == Channel.EMAIL else person.mobile_e164


def deliver() -> None:
    """Until nothing waits, and all that waited has left."""
    while delivery.deliver_due(now=clock.now()):
        pass
    waits = Notice.objects.filter(attempt__gt=0).exclude(state__in=_LEFT)
    if waits.exists() or Notice.objects.filter(state=NoticeState.QUEUED).exists():
        raise RuntimeError("Not all has left")


_LEFT = (NoticeState.ACCEPTED, NoticeState.SENT, NoticeState.DELIVERED, NoticeState.UNDELIVERED)


def _send_raw(port: int, message: bytes, size: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for _ in range(size):
            server.sendmail("noreply@koppla.example", ["person@koppla.example"], message)


def _post_raw(port: int, size: int) -> None:
    sms = {"from": "Kommunen", "to": "+46701740605", "message": "Du har ett nytt meddelande. " * 5}
    with requests.Session() as session:
        for _ in range(size):
            session.post(f"http://127.0.0.1:{port}/sms", sms, timeout=10).json()

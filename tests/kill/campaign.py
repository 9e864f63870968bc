"""Workers send, the provider misbehaves, and somebody kills them: at the end all is counted."""

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import OperationalError, connection, connections
from twilio.http.http_client import TwilioHttpClient

from messaging.notices import delivery, handing_over, sms_hours
from messaging.notices.models import Channel, Notice
from messaging.notices.sms import twilio
from messaging.notices.states import NoticeState
from messaging.wording.kinds import Kind
from persons.models import Person
from tests.factories import PersonFactory
from tests.kill import steps
from tests.kill.forking import fork
from tests.kill.mail import Mail
from tests.kill.provider import ACCOUNT, PATIENCE, TOKEN, Provider
from web import clock

WORKERS = 3
# The product's own figures, smaller: a call, a lease, and what a provider may take to show it.
CALL, LEASE, SETTLE = 1.5 * PATIENCE, 3.0 * PATIENCE, 4.0 * PATIENCE
FROZEN = LEASE + SETTLE
PAUSES = 240  # times shorter
UNSETTLED = (NoticeState.QUEUED, NoticeState.SENDING, NoticeState.IN_DOUBT)
TELEPHONES = range(605, 700)  # 070-174 06 05 to 99, published for fiction
ENOUGH_WAITING = 60
# What has not come to rest so long after the last killing is counted as not settled. Seconds.
PATIENTLY = 120.0


@dataclass
class Tally:
    messages: int = 0
    kills: int = 0
    freezes: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unsettled: int = 0
    to_a_person: int = 0

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.unsettled)


class Campaign:
    def __init__(self, folder: Path, *, messages: int, kills: int, faults: float, seed: int):
        self._folder, self._kills_wanted, self._messages_wanted = folder, kills, messages
        self._random = random.Random(seed)
        self._provider = Provider(folder / "ledger", faults=faults, seed=seed)
        self._mail = Mail(folder / "mail", faults=faults, seed=seed)
        self._web = ThreadedWSGIServer(("127.0.0.1", 0), _Silent)
        self._web.set_app(_application(self._web.server_port))
        self._children: dict[int, str] = {}
        self._frozen: dict[int, float] = {}
        self.tally = Tally()

    def run(self, *, until: float) -> Tally:
        """Until so many were killed and all is settled. After `until` nothing new begins."""
        _make_smaller(self._provider.address, self._mail.port)
        self._fork("provider", self._provider.serve_forever)
        self._fork("mail", self._mail.serve_forever)
        looked = 0.0
        try:
            while True:
                if time.monotonic() > looked + 0.5:
                    looked = time.monotonic()
                    waiting, hurry = _waiting(), looked > until
                    if self._is_over(waiting, hurry=hurry) or looked > until + PATIENTLY:
                        break
                    self._feed(waiting, hurry=hurry)
                self._man()
                self._disturb()
                self._bury()
                time.sleep(0.02)
        finally:
            self._end()
        return self._count()

    @property
    def _has_enough(self) -> bool:
        tally = self.tally
        return tally.kills >= self._kills_wanted and tally.messages >= self._messages_wanted

    def _is_over(self, waiting: int, *, hurry: bool) -> bool:
        return (self._has_enough or hurry) and not self._frozen and not waiting

    def _feed(self, waiting: int, *, hurry: bool) -> None:
        """More, as long as there is somebody left to kill over them."""
        if waiting < ENOUGH_WAITING and not (self._has_enough or hurry):
            # Who is frozen in a transaction has the lock, and only we wake them: then later.
            with suppress(OperationalError):
                self.tally.messages += _queue(ENOUGH_WAITING, after=self.tally.messages)
            connections.close_all()  # none is open when we fork

    def _man(self) -> None:
        """Replace the dead. Most go to meet their end at a step of their own."""
        names = list(self._children.values())
        for _ in range(WORKERS - names.count("worker")):
            aim = self._aim(steps.names(steps.WORKER), freezes=self._random.random() < 0.15)
            finder = self._random.choice(("", "tests.kill.mail.find_email"))
            self._fork("worker", lambda aim=aim, f=finder: _deliver(aim, self._folder / "hits", f))
        if "web" not in names:
            aim = self._aim(steps.names(steps.WEB), freezes=False)
            self._fork("web", lambda: self._serve(aim))

    def _aim(self, names: list[str], *, freezes: bool) -> steps.Aim | None:
        if self.tally.kills >= self._kills_wanted or self._random.random() < 0.2:
            return None
        step = self._random.choice(names)
        freezes = freezes and step not in steps.NEVER_FROZEN
        return steps.Aim(step, self._random.randint(1, 4), freezes)

    def _serve(self, aim: steps.Aim | None) -> None:
        _wait_for_the_lock(seconds=60)
        if aim:
            steps.lay(steps.WEB, aim, self._folder / "hits")
        self._web.serve_forever(poll_interval=0.1)

    def _disturb(self) -> None:
        """At any moment, wherever they are."""
        if self.tally.kills < self._kills_wanted and self._random.random() < 0.02:
            someone = [pid for pid, name in self._children.items() if name in {"worker", "web"}]
            os.kill(self._random.choice(someone), signal.SIGKILL)
        for pid, since in list(self._frozen.items()):
            if time.monotonic() > since + FROZEN:
                del self._frozen[pid]
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def _bury(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
            except ChildProcessError:
                return
            if not pid:
                return
            if os.WIFSTOPPED(status):
                self.tally.freezes += 1
                self._frozen[pid] = time.monotonic()
                continue
            name = self._children.pop(pid)
            self._frozen.pop(pid, None)
            if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
                raise RuntimeError(f"A {name} ended by itself: {status}")
            self.tally.kills += 1

    def _fork(self, name: str, work: Callable[[], object]) -> None:
        self._children[fork(work)] = name

    def _end(self) -> None:
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self._children.clear()

    def _count(self) -> Tally:
        """What the provider took, beside what we say of it."""
        tally, hits = self.tally, self._folder / "hits"
        tally.hits = Counter(hits.read_text().splitlines() if hits.exists() else [])
        lines = (self._folder / "ledger").read_text().splitlines()
        taken = Counter(json.loads(line)["ref"] for line in lines)
        taken += Counter((self._folder / "mail").read_text().split())
        tally.doubled = [ref for ref, times in taken.items() if times > 1]
        for notice in Notice.objects.all():
            if notice.state in UNSETTLED:
                tally.unsettled += 1
            elif notice.state == NoticeState.NEEDS_HUMAN:
                tally.to_a_person += 1
            elif not taken[str(notice.ref)]:
                tally.lost.append(str(notice.ref))
        return tally


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def _application(port: int) -> Any:
    settings.PUBLIC_BASE_URL = f"http://127.0.0.1:{port}"
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    settings.SMS_GATEWAY = "messaging.notices.sms.twilio.Gateway"
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
    from config.wsgi import application

    return application


def _make_smaller(provider: str, mail: int) -> None:
    """The same rules in seconds instead of minutes, at any hour, against our own provider."""
    # Whoever fails as often as this provider would be left alone by the breaker.
    settings.NOTICE_REST_SECONDS = settings.NOTICES_PER_SECOND = 0
    settings.NOTICE_LEASE_SECONDS, settings.NOTICE_SETTLE_SECONDS = LEASE, SETTLE
    delivery.CALL_SECONDS, twilio.TIMEOUT_SECONDS = CALL, PATIENCE  # type: ignore[assignment]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", mail, PATIENCE
    _wait_for_the_lock(seconds=1)
    # One clock, but the provider's moments are whole seconds.
    handing_over.MARGIN = timedelta(seconds=1)
    ask, move = TwilioHttpClient.request, Notice.move

    def request(self: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        there = provider + url[url.index("/", len("https://")) :]
        return ask(self, method, there, *args, **kwargs)

    def sooner(self: Notice, to: NoticeState, **facts: Any) -> bool:
        if later := facts.get("not_before"):
            now = clock.now()
            facts["not_before"] = now + (later - now) / PAUSES
        return move(self, to, **facts)

    for target, attribute, new in (
        (TwilioHttpClient, "request", request),
        (Notice, "move", sooner),
        (sms_hours, "are_open", lambda now: True),
        (sms_hours, "seconds_left", lambda *given: 3600),
    ):
        patch.object(target, attribute, new).start()


def _wait_for_the_lock(*, seconds: int) -> None:
    if connection.vendor == "sqlite":
        connection.settings_dict["OPTIONS"]["timeout"] = seconds


def _waiting() -> int:
    count = Notice.objects.filter(state__in=UNSETTLED).count()
    connections.close_all()  # none is open when we fork
    return count


def _queue(count: int, *, after: int) -> int:
    """The same text to everybody: nothing in an SMS tells which notice it was. Half are e-mails."""
    people = list(Person.objects.order_by("pk")) or [
        PersonFactory(
            mobile=f"070-174 0{n // 100} {n % 100:02}",
            mobile_e164=f"+46701740{n}",
            account__active=True,
            account__notify_by_email=True,
        )
        for n in TELEPHONES
    ]
    Notice.objects.bulk_create(
        _notice(n, people[n % len(people)], Channel.EMAIL if n % 2 else Channel.SMS)
        for n in range(after, after + count)
    )
    return count


def _notice(n: int, person: Person, channel: Channel) -> Notice:
    return Notice(
        dedupe_key=f"welcome:message {n}:{channel}",
        kind=Kind.WELCOME,
        channel=channel,
        person=person,
        address=person.mobile_e164 if channel == Channel.SMS else person.email,
        sender="Soderkoping",
        text="Du har ett nytt meddelande.",
        not_before=clock.now() - timedelta(minutes=1),
    )


def _deliver(aim: steps.Aim | None, hits: Path, finder: str) -> None:
    """Half of them may ask the mail server afterwards. Of a relay nobody can be asked."""
    settings.EMAIL_FINDER = finder
    _wait_for_the_lock(seconds=60)
    if aim:
        steps.lay(steps.WORKER, aim, hits)
    while True:
        delivery.deliver_due(now=clock.now())
        connection.close()
        time.sleep(0.05)

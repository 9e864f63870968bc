"""Night after night in minutes: each is killed again and again, and must come out right.

Each has a date of its own, so that a long campaign also passes leap days and the nights when
clocks are changed. A turn of beat is a process of its own, and so is the other side over http.
"""

import os
import random
import signal
import time
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

from django.conf import settings
from django.db import Error, connection, connections
from django.db.models import F
from django.utils import timezone

from messaging.sync import calendar, guard, run
from messaging.sync.guard import SYNCED
from messaging.sync.models import SyncRun
from persons.models import EServiceAccount, Person, Switch
from persons.states import SwitchState
from tests.factories import PersonFactory, RelationFactory, SyncRunFactory
from tests.kill import steps
from tests.kill.database import Server
from tests.kill.forking import fork
from tests.kill.reckoning import AWAITED, Expected, Tally, name_of, reckon
from tests.kill.sides import Ours, Steps
from web import clock

# What every run does, in its own order. Each gateway has steps besides.
STEPS: Steps = {
    "claiming": (run, "_lock"),
    "asking about closings": (guard, "must_ask"),
    "renewing the lease": (run, "_renew"),
    "finishing": (run, "_finish"),
}
ANY_MOMENT = "at any moment"
A_MOMENT = 0.1  # seconds: as long as a turn takes
FIRST = date(2026, 3, 20)  # before the first night when clocks are changed
ACCOUNTS, RELATIONS, BATCH = 7, 3, 3
# Between two turns: longer than the lease, and than a rest.
BETWEEN = timedelta(minutes=16)
DEATHS_A_NIGHT, TURNS_A_NIGHT = 4, 15
DONE, GOES_ON, DATABASE_DIED = 0, 3, 4  # how a turn ends


class Nights:
    """`server`: whom to kill instead of the process, when it is the database that dies."""

    def __init__(
        self, side: Ours, folder: Path, *, per_step: int, seed: int, server: Server | None = None
    ) -> None:
        self._side, self._folder, self._per_step, self._server = side, folder, per_step, server
        self._random = random.Random(seed)
        self._steps = STEPS | side.steps()
        self._names = [*steps.names(self._steps), *([] if server else [ANY_MOMENT])]
        self._waited, self._day = timedelta(), _latest_night()
        # Steps that were not come to so many times: aimed at the first time from then on.
        self._seldom: set[str] = set()
        self.tally = Tally()

    def run(self, *, until: float) -> Tally:
        """Until each step has been hit so often. After `until` no day begins."""
        settings.SYNC_GATEWAY = f"{self._side.gateway.__module__}.Gateway"
        settings.CLOCK_OFFSET_FILE = self._folder / "clock"
        machine_now = timezone.now  # noqa: TID251  # what the clock itself asks
        with (
            patch.object(clock, "machine_now", lambda: machine_now() + self._waited),
            patch.object(run, "BATCH", BATCH),
            patch.object(run, "SETTLED_AT_ONCE", BATCH),
        ):
            self._move_clock(hours=9)
            self._rows = _people()
            while self._wanted() and time.monotonic() < until:
                self._day_and_night()
        return self.tally

    def _wanted(self) -> list[str]:
        return [name for name in self._names if self.tally.hits[name] < self._per_step]

    def _move_clock(self, *, hours: float) -> None:
        """So long after the nightly hour of the day that it is."""
        self._waited = timedelta()
        clock.move_to(calendar.night_of(self._day) + timedelta(hours=hours))

    def _day_and_night(self) -> None:
        self._move_clock(hours=self._random.uniform(5, 18))
        whom = self._random.randrange(ACCOUNTS)
        self._side.new_day(refuses=self._rows[whom].person.identity_number)
        expected = self._expect()
        for row in self._random.sample(self._rows, k=self._random.randint(2, 6)):
            self._change(row, expected)
        if run.run_if_due(clock.now()) or self._side.effects():
            self.tally.wrong_day.append(f"{self._day}: handed over by day")
        self._day += timedelta(days=1)
        # Beat may have been dead for some hours.
        self._move_clock(hours=self._random.uniform(0, 3.5))
        self._night(expected)
        reckon(self.tally, self._side, self._rows, expected)

    def _expect(self) -> Expected:
        for row in self._rows:
            row.refresh_from_db()
        before = {name_of(row): type(row)._default_manager.get(pk=row.pk) for row in self._rows}
        promised = calendar.expected_usable_from(last_done_on=calendar.last_done_on())
        return Expected(clock.now(), promised, before)

    def _night(self, expected: Expected) -> None:
        for turn in range(TURNS_A_NIGHT):
            if self._turn(self._aim(turn)) == DONE:
                return
            self._waited += BETWEEN
            self._side.work()
            if self._random.random() < 0.2:
                row = self._random.choice(self._rows)
                self._change(row, expected)
                expected.meanwhile[name_of(row)] += 1
        self.tally.unsettled.append(f"{self._day}: not done after {TURNS_A_NIGHT} turns")

    def _aim(self, turn: int) -> steps.Aim | None:
        wanted = self._wanted()
        if not wanted or turn >= DEATHS_A_NIGHT:
            return None
        step = self._random.choice(wanted)
        turn = 1 if step in self._seldom else self._random.randint(1, 3)
        return steps.Aim(step, turn, freezes=False, instead=self._server and self._server.die)

    def _turn(self, aim: steps.Aim | None) -> int:
        connections.close_all()  # none is open when we fork
        child = fork(lambda: self._tick(aim))
        if aim and aim.step == ANY_MOMENT:
            time.sleep(self._random.uniform(0, A_MOMENT))
            os.kill(child, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if aim and code in {-signal.SIGKILL, DATABASE_DIED}:
            self.tally.hits[aim.step] += 1
            return GOES_ON
        if code not in {DONE, GOES_ON}:
            raise RuntimeError(f"A turn ended by itself: {code}")
        if aim:
            self._seldom.add(aim.step)
        return code

    def _tick(self, aim: steps.Aim | None) -> int:
        if aim and aim.step != ANY_MOMENT:
            steps.lay(self._steps, aim, self._folder / "hits")
        try:
            this = run.run_if_due(clock.now())
        except Error:
            if not self._server:
                raise
        if self._server and self._server.has_died:
            self._server.come_back()
            self._waited += BETWEEN
            # The same worker at its next tick.
            run.run_if_due(clock.now())
            return DATABASE_DIED
        goes_on = this and (this.state == SyncRun.State.RUNNING or this.lease_until)
        return GOES_ON if goes_on else DONE

    def _change(self, row: Switch, expected: Expected) -> None:
        """As somebody might: on, off, another address. By hand most is confirmed, not all."""
        row.refresh_from_db()
        if row.state in {SwitchState.OFF, SwitchState.CLOSING}:
            row.move(SwitchState.PENDING, messages_enabled=True, usable_from=None)
            expected.switched_on[name_of(row)] += 1
        elif row.state not in AWAITED and self._may_close():
            row.move(SwitchState.CLOSING, messages_enabled=False)
        else:
            self._change_address(row)
        if self._random.random() < 0.8:
            own = type(row)._default_manager.filter(pk=row.pk)
            own.update(confirmed_version=F("version"))

    def _may_close(self) -> bool:
        """Never so many that an administrator would be asked."""
        closing = sum(counts["closing"] for counts in guard.waiting().values())
        return self._random.random() < 0.4 and closing < guard.ALWAYS_ALLOWED - 1

    def _change_address(self, row: Switch) -> None:
        new = {"email": f"prov{self._random.randint(1, 10**9)}@exempel.se"}
        own = type(row)._default_manager.filter(pk=row.pk)
        if isinstance(row, EServiceAccount):
            Person.objects.filter(pk=row.person_id).update(**new)
        else:
            own.update(**new)
        own.facts_changed()


def write_without_waiting() -> None:
    """What a killed process has written the machine still has: only a power cut asks for more."""
    patch.object(os, "fsync", lambda number: None).start()
    options = connection.settings_dict["OPTIONS"]
    if "init_command" in options:
        options["init_command"] += "PRAGMA synchronous=OFF;"
    connections.close_all()


def _people() -> list[Switch]:
    """Accounts first. Whoever an earlier campaign left waiting has nothing to do with this one."""
    for model in SYNCED:
        model._default_manager.update(state=SwitchState.OFF)
    accounts = [PersonFactory().account for _ in range(ACCOUNTS)]
    return [*accounts, *(RelationFactory() for _ in range(RELATIONS))]


def _latest_night() -> date:
    latest = SyncRun.objects.order_by("-local_date").first()
    return (latest or SyncRunFactory(local_date=FIRST)).local_date

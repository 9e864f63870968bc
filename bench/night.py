"""The nightly run, a tenth of those who are on changed, beside one statement that does as much."""

from collections.abc import Iterator

from django.db.models import F

from bench import databases
from bench.measure import Result, in_turn
from messaging.sync import run as sync
from persons.models import EServiceAccount
from persons.states import OPEN, SwitchState
from web import clock

ROUNDS = 5
CHANGED = 10  # every tenth


def run(rows: int) -> Iterator[Result]:
    for database in databases.names():
        databases.register(database, rows, purpose="to be changed").use()
        sync.run()  # what the register began with
        night, floor = in_turn(sync.run, _one_statement, rounds=ROUNDS, before=_change)
        yield Result(
            "night", rows, database, night.median, night.spread,
            ratio=night.over(floor),
            against="one UPDATE",
        )  # fmt: skip


def _change() -> None:
    """Half of them as if newly switched on, half with another number."""
    on = EServiceAccount.objects.filter(state__in=sorted(OPEN)).annotate(
        turn=F("pk") % (2 * CHANGED)
    )
    on.filter(turn=0).update(version=F("version") + 1, state=SwitchState.PENDING)
    on.filter(turn=CHANGED).update(version=F("version") + 1, state=SwitchState.PENDING_CHANGE)


def _one_statement() -> None:
    EServiceAccount.objects.dirty().update(
        sent_version=F("version"),
        synced_version=F("version"),
        usable_from=clock.today(),
        state=SwitchState.ACTIVE,
    )

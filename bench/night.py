"""The night beside its limit and beside what others do, and a night with nothing to do."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from django.db import connection, connections
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from bench import databases
from bench.measure import Result, in_turn
from bench.rows import Row, pattern, write
from messaging.sync import run as sync
from persons.models import EServiceAccount, Person, Protection
from persons.states import SwitchState
from web import clock

ROUNDS = 3
# Every so-manieth is changed: 1 %, 10 % and all.
EVERY = {"1%": 100, "10%": 10, "100%": 1}
SLOWER, FASTER = 2, 20
SMALL, MORE_MEMORY = 10_000, 1.2
NOTHING_MS, NOTHING_STATEMENTS = 50, 10
# What takes longer is measured on so many, and counted by the row.
PEER_ROWS = 5_000


def run(rows: int) -> Iterator[Result]:
    for database in databases.names():
        _register(database, rows)
        yield from _nothing_to_do(database, rows)
        for share, every in EVERY.items():
            yield from _changed(database, rows, share, every)
        yield from _memory(database, rows)


def _register(database: str, rows: int, purpose: str = "for nights") -> None:
    databases.register(database, 0, purpose=purpose).use()
    write(Person, _persons(rows))
    active = EServiceAccount(
        messages_enabled=True, notify_by_sms=True, state=SwitchState.ACTIVE,
        version=1, sent_version=1, synced_version=1, usable_from=clock.today(),
    )  # fmt: skip
    account = pattern(active)
    write(EServiceAccount, (account | {"person_id": key} for key in range(1, rows + 1)))
    if connection.vendor == "postgresql":
        connection.cursor().execute("VACUUM ANALYZE")


def _persons(rows: int) -> Iterator[Row]:
    """Of the 19th century, with nothing of their own but a number of twelve digits."""
    person = Person(
        given_name="Nina", family_name="Exempel", protection=Protection.NONE,
        mobile="070-174 06 05", mobile_e164="+46701740605", email="nina@koppla.example",
    )  # fmt: skip
    row = pattern(person)
    return (row | {"identity_number": f"18{n:010}"} for n in range(rows))


def _nothing_to_do(database: str, rows: int) -> Iterator[Result]:
    with CaptureQueriesContext(connection) as asked:
        sync.run()
    [night] = in_turn(sync.run, rounds=ROUNDS * 3)
    yield Result(
        "night.nothing", rows, database, night.median, night.spread,
        target=f"<= {NOTHING_MS} ms",
        ok=night.median <= NOTHING_MS,
    )  # fmt: skip
    yield Result(
        "night.nothing.asks", rows, database, len(asked), 0,
        against="statements",
        target=f"<= {NOTHING_STATEMENTS}",
        ok=len(asked) <= NOTHING_STATEMENTS,
    )  # fmt: skip


def _changed(database: str, rows: int, share: str, every: int) -> Iterator[Result]:
    change = partial(_change, every)
    ways: list[Callable[[], object]] = [sync.run, _one_statement]
    night, floor = in_turn(*ways, rounds=ROUNDS, before=change, warm_up=int(rows <= 100_000))
    count = rows // every
    yield Result(
        f"night.{share}", rows, database, night.median, night.spread,
        ratio=night.over(floor),
        against=f"one UPDATE ({count / night.median * 1000:,.0f} rows/s)",
        target=f"ratio <= {SLOWER}",
        ok=night.over(floor) <= SLOWER,
    )  # fmt: skip
    if every == 10:
        change()
        with CaptureQueriesContext(connection) as asked:
            sync.run()
        yield Result(f"night.{share}.asks", rows, database, len(asked), 0, against="statements")
        yield _beside_bulk_update(database, rows, every, count / night.median)


def _beside_bulk_update(database: str, rows: int, every: int, ours: float) -> Result:
    """Rows per millisecond, ours and theirs. Fewer of theirs, or it would take all night."""
    [theirs] = in_turn(_bulk_update, rounds=1, warm_up=0, before=partial(_change, every))
    count = min(rows // every, PEER_ROWS)
    sync.run()
    ratio = round(ours / (count / theirs.median), 1)
    return Result(
        "night.bulk_update", rows, database, theirs.median, theirs.spread,
        ratio=ratio,
        against=f"times as many rows/s as {count / theirs.median * 1000:,.0f}",
        target=f"ratio >= {FASTER}",
        ok=ratio >= FASTER,
    )  # fmt: skip


def _change(every: int) -> None:
    """Half of them as if newly switched on, half with another number."""
    last = every - 1
    on = EServiceAccount.objects.annotate(turn=F("pk") % (2 * every))
    on.filter(turn=last).update(version=F("version") + 1, state=SwitchState.PENDING)
    on.filter(turn=last + every).update(version=F("version") + 1, state=SwitchState.PENDING_CHANGE)
    if connection.vendor == "postgresql":
        # What autovacuum does by itself after a while.
        connection.cursor().execute(f'VACUUM "{EServiceAccount._meta.db_table}"')


def _one_statement() -> None:
    """The limit: what the night makes of the rows, without ledger, history and leave."""
    EServiceAccount.objects.dirty().update(
        sent_version=F("version"),
        synced_version=F("version"),
        usable_from=clock.today(),
        state=SwitchState.ACTIVE,
    )


def _bulk_update() -> None:
    """As most would write it."""
    rows = list(EServiceAccount.objects.dirty().order_by("pk")[:PEER_ROWS])
    for row in rows:
        row.sent_version = row.synced_version = row.version
        row.usable_from, row.state = clock.today(), SwitchState.ACTIVE
    EServiceAccount.objects.bulk_update(
        rows, ["sent_version", "synced_version", "usable_from", "state"], batch_size=500
    )


def _memory(database: str, rows: int) -> Iterator[Result]:
    """A tenth changed. In a process of its own: the peak is of the night and of nothing else."""
    _change(10)
    large = _peak()
    fewer = min(rows, SMALL)
    _register(database, fewer, "for a small night")
    _change(10)
    ratio = round(large / (small := _peak()), 3)
    yield Result(
        "night.memory", rows, database, large, 0,
        ratio=ratio,
        against=f"{small:.0f} MB with {fewer}",
        target=f"ratio <= {MORE_MEMORY}",
        ok=ratio <= MORE_MEMORY,
    )  # fmt: skip


def _peak() -> float:
    """Megabytes at most, of a fork that runs the night. Linux alone can begin again from here."""
    connections["default"].close()
    read, told = os.pipe()
    if not (child := os.fork()):
        try:
            Path("/proc/self/clear_refs").write_text("5")
            sync.run()
            status = Path("/proc/self/status").read_text()
            os.write(told, status.split("VmHWM:")[1].split()[0].encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(told)
    with os.fdopen(read) as said:
        return int(said.read()) / 1000

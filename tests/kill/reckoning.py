"""What a night may not have done, whatever died in it: counted on our side and on the other."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from messaging.sync.gateways import wire
from messaging.sync.gateways.base import Change
from messaging.sync.models import SyncRun
from persons.models import PersonEvent, Switch
from persons.states import OPEN, SwitchState
from tests.kill.sides import Ours

AWAITED = {SwitchState.PENDING, SwitchState.FAILED}


@dataclass
class Tally:
    nights: int = 0
    told: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    different: list[str] = field(default_factory=list)
    wrong_day: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.faults

    @property
    def faults(self) -> list[str]:
        return self.different + self.wrong_day + self.doubled + self.unsettled


@dataclass
class Expected:
    """What is known when the night begins, and what happens meanwhile."""

    since: datetime
    promised: date
    before: dict[str, Switch]
    switched_on: Counter[str] = field(default_factory=Counter)
    meanwhile: Counter[str] = field(default_factory=Counter)


def name_of(row: Switch) -> str:
    return f"{Change.kind_of(type(row))}-{row.pk}"


def reckon(tally: Tally, side: Ours, rows: list[Switch], expected: Expected) -> None:
    fresh = [_fresh(row) for row in rows]
    tally.nights += 1
    tally.different += _different(side, fresh)
    tally.wrong_day += _wrong_day(fresh, expected)
    tally.doubled += _doubled(side, fresh, expected)
    tally.unsettled += _left(side, fresh, expected)
    told, done = (
        _told(fresh, expected),
        SyncRun.objects.get(local_date=expected.promised).done_count,
    )
    tally.told += done
    # Whoever was changed meanwhile may have been told twice: of two versions.
    if not told <= done <= told + expected.meanwhile.total():
        tally.doubled.append(f"{expected.promised}: {done} counted, {told} told")


def _fresh(row: Switch) -> Switch:
    related = type(row)._default_manager.select_related(*Change.needs(type(row)))
    fresh: Switch = related.get(pk=row.pk)
    return fresh


def _different(side: Ours, rows: list[Switch]) -> Iterator[str]:
    """What has been confirmed is there, as it is here. And nobody else is there."""
    there = side.rows()
    if there is None:
        return
    for row in rows:
        held, name = there.get(name_of(row)), name_of(row)
        if row.version == row.synced_version > 0 and held != wire.record(Change.of(row)):
            yield f"{name} is different: {held}"
        if held and held["version"] > row.version:
            yield f"{name} has a version that we never had: {held}"
    yield from there.keys() - {name_of(row) for row in rows}


def _wrong_day(rows: list[Switch], expected: Expected) -> Iterator[str]:
    """On the day that the page said, when somebody switched on or saw that it had failed."""
    for row in rows:
        was = expected.before[name_of(row)]
        is_new = was.state in AWAITED or expected.switched_on[name_of(row)]
        if is_new and row.state in OPEN and row.usable_from != expected.promised:
            yield f"{name_of(row)} from {row.usable_from}, not {expected.promised}"


def _doubled(side: Ours, rows: list[Switch], expected: Expected) -> Iterator[str]:
    for what, times in Counter(side.effects()).items():
        if times > 1:
            yield f"{what} made a difference {times} times"
    history = Counter(
        PersonEvent.objects.filter(at__gte=expected.since, kind="became_usable").values_list(
            "person", flat=True
        )
    )
    for row in rows:
        name = name_of(row)
        turned = expected.switched_on[name] + (expected.before[name].state in AWAITED)
        told = history[Change.person_of(row)]
        if told != turned - (row.state in AWAITED):
            yield f"{expected.promised}: {name} became usable {told} times in history"


def _left(side: Ours, rows: list[Switch], expected: Expected) -> Iterator[str]:
    """Nobody waits but whom the other side refused, and who was changed in the night."""
    for row in rows:
        is_ready = type(row)._default_manager.due().filter(side.gateway.ready, pk=row.pk).exists()
        was_refused = row.refused_on == expected.promised
        if is_ready and not was_refused and not expected.meanwhile[name_of(row)]:
            yield f"{expected.promised}: {name_of(row)} was left"


def _told(rows: list[Switch], expected: Expected) -> int:
    return sum(row.synced_version != expected.before[name_of(row)].synced_version for row in rows)

"""A file of people into the register, and the same file again, when it changes nothing."""

import csv
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from io import TextIOWrapper
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from uuid import uuid4

from bench import databases, people
from bench.measure import Result, in_turn
from onboarding.imports import actions, work
from persons.models import Case, EServiceAccount, Person, PersonEvent
from staff.models import Membership, Role, Unit, User

ROUNDS = 2
BATCH = 1_000
SLOWER, MORE_MEMORY = 8, 1.2
UNIT, WORKER = "Vuxenenheten", "worker@koppla.example"
_serial = count()


def run(rows: int) -> Iterator[Result]:
    for database in databases.names():
        databases.register(database, people.EACH, purpose="to import into").use()
        by = _staff()
        peaks = [_peak(partial(_import, _file(size), by)) for size in (rows // 10, rows)]
        yield Result(
            "import.memory", rows, database, peaks[1], 0,
            ratio=(ratio := round(peaks[1] / peaks[0], 3)),
            against=f"MB with {rows // 10} rows",
            target=f"ratio <= {MORE_MEMORY}",
            ok=ratio <= MORE_MEMORY,
        )  # fmt: skip
        yield from _speed(database, rows, by)


def _speed(database: str, rows: int, by: User) -> Iterator[Result]:
    files: list[IO[bytes]] = []

    def first() -> None:
        files.append(_file(rows))
        _import(files[-1], by)

    first_time, again, floor = in_turn(
        first,
        lambda: _import(files[-1], by),
        lambda: _rows_alone(rows, by),
        rounds=ROUNDS,
        warm_up=0,
    )
    for case, times in (("import", first_time), ("import.again", again)):
        ratio = times.over(floor)
        yield Result(
            case, rows, database, times.median, times.spread,
            ratio=ratio,
            against="bulk_create of the rows alone",
            target=f"ratio <= {SLOWER}",
            ok=ratio <= SLOWER,
        )  # fmt: skip


def _import(file: IO[bytes], by: User) -> None:
    """Sent, checked and applied, as web and worker do it after each other."""
    run = actions.upload(file=file, submission=uuid4(), by=by)
    work.go_on(run.pk)
    run.refresh_from_db()
    actions.proceed(run=run, by=by)
    while work.go_on(run.pk):
        pass
    run.refresh_from_db()
    if run.done_count != run.row_count or run.error_count:
        raise RuntimeError(f"{run}: {run.errors[:3]}")


def _rows_alone(rows: int, by: User) -> None:
    """The limit: the same rows, already made, in as large batches."""
    unit = Unit.objects.get(name=UNIT)
    numbers = iter(list(_numbers(rows)))
    while chunk := list(islice(numbers, BATCH)):
        persons = Person.objects.bulk_create(
            Person(identity_number=n, given_name="Nina", family_name="Exempel") for n in chunk
        )
        EServiceAccount.objects.bulk_create(EServiceAccount(person=p) for p in persons)
        Case.objects.bulk_create(
            Case(person=p, number=f"1898-{p.identity_number}", unit=unit) for p in persons
        )
        PersonEvent.objects.bulk_create(
            PersonEvent(person=p, by=by, kind="imported") for p in persons
        )


def _file(rows: int) -> IO[bytes]:
    """On disk, as an upload of this size is."""
    file = TemporaryFile("w+b")  # noqa: SIM115  # read by who gets it
    text = TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(
        ["personnummer", "förnamn", "efternamn", "mobil", "e-post", "skydd", "ärendenummer",
         "enhet", "handläggare", "beslut"]
    )  # fmt: skip
    for number in _numbers(rows):
        # Published for fiction: 070-174 06 05 to 070-174 06 99.
        writer.writerow(
            [number, "Nina", "Exempel", "070-174 06 05", "nina@koppla.example", "nej",
             f"1898-{number}", UNIT, WORKER, "2026-10-01"]
        )  # fmt: skip
    text.detach()
    return file


def _numbers(rows: int) -> Iterator[str]:
    """Of people who cannot be, each once: born in the 19th century, with a right check digit."""
    for n in islice(_serial, rows):
        born = date(1800, 1, 1) + timedelta(days=n % people.DAYS)
        nine = f"{born:%y%m%d}{n // people.DAYS + 1:03}"
        products = [int(digit) * (2 - i % 2) for i, digit in enumerate(nine)]
        yield f"18{nine}{-sum(p // 10 + p % 10 for p in products) % 10}"


def _staff() -> User:
    unit = Unit.objects.create(name=UNIT, kind=Unit.Kind.SOCIAL_SERVICES)
    by = User.objects.create(email="administrator@koppla.example")
    worker = User.objects.create(email=WORKER)
    for user, role in ((by, Role.SYSTEM_ADMIN), (worker, Role.CASE_WORKER)):
        Membership.objects.create(user=user, unit=unit, role=role, valid_from=date(2020, 1, 1))
    return by


def _peak(work: Callable[[], None]) -> float:
    """Megabytes of this process at most, while it works. Linux alone can begin again from here."""
    Path("/proc/self/clear_refs").write_text("5")
    work()
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1000

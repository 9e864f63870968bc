"""The information sheet is rendered once for each wording, never for a message."""

from collections.abc import Iterator
from itertools import count
from unittest import mock

from bench import databases
from bench.measure import Result, Times, in_turn
from messaging.notices import email
from messaging.notices.models import Channel, Notice
from messaging.sheet import actions, pdf
from messaging.sheet.models import SheetVersion
from staff.models import Municipality

WORDINGS = 5
EMAILS = 100


def run(rows: int) -> Iterator[Result]:
    """On SQLite and with few people: all the time goes to drawing, in a process of its own."""
    databases.register("SQLite", 40, purpose="to keep sheets").use()
    municipality = Municipality.load()
    numbers = count(1)

    def reword() -> None:
        municipality.name = f"Provstads kommun {next(numbers)}"

    def current() -> SheetVersion:
        return actions.current(municipality=municipality)

    with mock.patch.object(pdf, "render", wraps=pdf.render) as render:
        (new,) = in_turn(current, rounds=WORDINGS, warm_up=0, before=reword)
        once = render.call_count == WORDINGS
        (known,) = in_turn(current, rounds=30)
        notices = [_notice(current()) for _ in range(EMAILS)]
        (composed,) = in_turn(
            lambda: [bytes(email.compose(n).message()) for n in notices], rounds=5
        )
        never_again = render.call_count == WORDINGS
    yield _result("new-wording", new, ok=once)
    yield _result("known", known, against=new, name="a new wording", ok=never_again)
    rendering = Times([EMAILS * time for time in new.milliseconds])
    name = f"{EMAILS} new wordings"
    yield _result(f"{EMAILS}-emails", composed, against=rendering, name=name, ok=never_again)


def _notice(sheet: SheetVersion) -> Notice:
    return Notice(
        channel=Channel.EMAIL,
        address="person@koppla.example",
        sender="Provstads kommun",
        subject="Hej",
        text="Hej!\n" * 20,
        html="<p>Hej!</p>" * 20,
        sheet=sheet,
    )


def _result(
    part: str, times: Times, *, against: Times | None = None, name: str = "", ok: bool | None = None
) -> Result:
    return Result(
        f"sheet-pdf.{part}", 40, "SQLite", times.median, times.spread,
        ratio=times.over(against) if against else None,
        against=name,
        target="" if ok is None else "1 render each" if part == "new-wording" else "0 renders",
        ok=ok,
    )  # fmt: skip

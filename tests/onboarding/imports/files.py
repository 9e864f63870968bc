"""Files as a case system makes them, with invented people."""

import csv
from io import BytesIO, StringIO
from uuid import uuid4

from onboarding.imports import actions, work
from onboarding.imports.csv_file import COLUMNS
from onboarding.imports.models import ImportRun
from tests.factories import published_number


def row(n: int = 0, **cells: str) -> dict[str, str]:
    """The smallest right row: `row(skydd="ja", **{"e-post": "a@exempel.se"})`."""
    return {
        "personnummer": published_number(200 + n),
        "förnamn": "Nina",
        "efternamn": "Exempel",
        "skydd": "nej",
        "ärendenummer": f"IFO-{n}",
        "enhet": "Vuxenenheten",
    } | cells


def text_of(*rows: dict[str, str], separator: str = ";") -> str:
    text = StringIO()
    writer = csv.DictWriter(text, list(COLUMNS), restval="", delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def file_of(*rows: dict[str, str]) -> BytesIO:
    return BytesIO(text_of(*rows).encode())


def upload(by, *rows: dict[str, str]) -> ImportRun:
    """Sent and checked."""
    run = actions.upload(file=file_of(*rows), submission=uuid4(), by=by)
    work.go_on(run.pk)
    run.refresh_from_db()
    return run


def apply(by, *rows: dict[str, str]) -> ImportRun:
    """Sent, checked and applied."""
    run = upload(by, *rows)
    actions.proceed(run=run, by=by)
    work.go_on(run.pk)
    run.refresh_from_db()
    return run

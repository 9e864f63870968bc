"""CSV that we hand out. A spreadsheet takes some texts for formulas, so they are made harmless."""

import csv
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

_FORMULA = ("=", "+", "-", "@", "|", "%")


def response(name: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Semicolons and a byte order mark: what a Swedish spreadsheet opens by itself."""
    answer = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
    answer.write("\ufeff")
    writer = csv.writer(answer, delimiter=";")
    writer.writerows([harmless(str(cell)) for cell in row] for row in rows)
    return answer


def harmless(cell: str) -> str:
    visible = "".join(c if c.isprintable() else " " for c in cell)
    # By what the spreadsheet sees first.
    return f"'{visible}" if visible.lstrip().startswith(_FORMULA) else visible

import csv

import pytest

from web import csv_export

FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "|calc", "%0", " =1+1", "\t=1+1", "\r=1+1", "\0=1+1",
    "\xa0=1+1", "\n@x",
]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_begins_as_a_spreadsheets_formula(formula):
    response = csv_export.response("lista", [[formula, "Nina"]])

    [row] = csv.reader([response.content.decode("utf-8-sig")], delimiter=";")
    assert row[0].startswith("'")
    assert row[0].isprintable()
    assert row[1] == "Nina"


def test_is_a_file_that_a_swedish_spreadsheet_opens_by_itself():
    response = csv_export.response("lista", [["Å;Ä", 'a"b']])

    assert response["Content-Disposition"] == 'attachment; filename="lista.csv"'
    assert response.content == '\ufeff"Å;Ä";"a""b"\r\n'.encode()

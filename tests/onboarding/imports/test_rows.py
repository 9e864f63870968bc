from datetime import date
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.imports import csv_file, rows
from onboarding.imports.csv_file import COLUMNS, Line
from tests.onboarding.imports.files import row, text_of

TODAY = date(2026, 11, 23)


def read(**cells: str):
    line = Line(2, dict.fromkeys(COLUMNS, "") | row(**cells))
    return next(rows.read([line], today=TODAY))


class TestARow:
    def test_is_read_into_facts_as_the_register_keeps_them(self):
        read_row = read(
            **{
                "mobil": "070-174 06 05",
                "e-post": "Nina@EXEMPEL.se",
                "språk": "AR",
                "tolk": "arabiska",
                "handläggare": "sara@soderkoping.example",
                "utredning inledd": "2026-10-01",
                "beslut": "20261020",
            }
        )

        assert read_row.errors == []
        assert read_row.person == {
            "given_name": "Nina",
            "family_name": "Exempel",
            "mobile": "070-174 06 05",
            "mobile_e164": "+46701740605",
            "email": "Nina@exempel.se",
            "language": "ar",
            "interpreter": "arabiska",
        }
        assert read_row.case == {
            "unit": "Vuxenenheten",
            "case_worker": "sara@soderkoping.example",
            "investigation_opened_on": "2026-10-01",
            "decided_on": "2026-10-20",
        }

    def test_says_nothing_where_a_cell_is_empty(self):
        empty = read()

        assert set(empty.person) == {"given_name", "family_name"}
        assert set(empty.case) == {"unit"}

    def test_keeps_a_formula_as_the_text_that_it_is(self):
        formula = read(efternamn="=HYPERLINK(1)")

        assert (formula.errors, formula.person["family_name"]) == ([], "=HYPERLINK(1)")

    @pytest.mark.parametrize(
        ("column", "cell", "text"),
        [
            ("personnummer", "", "Skriv personnumret med 12 siffror, till exempel 19850312-1234."),
            ("personnummer", "19980720-0000", "Personnumret stämmer inte. Kontrollera siffrorna."),
            ("förnamn", " ", "Rutan är tom."),
            ("efternamn", "x" * 101, "Texten får ha högst 100 tecken."),
            ("mobil", "08-12 34", "Mobilnumret ska ha 10 siffror. Du skrev 6. Kontrollera numret."),
            ("e-post", "nina", "E-postadressen stämmer inte. Skriv den så här: namn@exempel.se."),
            ("språk", "svenska", "Skriv språket som en kod, till exempel sv eller ar."),
            ("ärendenummer", "", "Rutan är tom."),
            ("enhet", "", "Rutan är tom."),
            ("beslut", "2026-02-30", "Datumet går inte att läsa. Skriv det så här: 2026-11-23."),
            ("beslut", "i går", "Datumet går inte att läsa. Skriv det så här: 2026-11-23."),
        ],
    )
    def test_says_what_to_do_about_a_cell(self, column, cell, text):
        wrong = read(**{column: cell})

        assert wrong.has_errors
        assert wrong.errors == [[column, text]]

    def test_refuses_a_measure_executed_before_it_was_decided(self):
        wrong = read(beslut="2026-10-02", verkställd="2026-10-01")

        assert wrong.errors == [["verkställd", "Insatsen är verkställd före beslutet."]]

    @pytest.mark.parametrize("hidden", ["\0", "\x1b", "\t", "\n", "\u202e", "\u200b", "\u2066"])
    def test_refuses_what_cannot_be_seen(self, hidden):
        text = "Tecken 2 i texten syns inte eller går inte att läsa. Ta bort det."
        for column in COLUMNS:
            wrong = read(**{column: f"a{hidden}b"})
            assert wrong.errors[0] == [column, text]

    @given(st.sampled_from(list(COLUMNS)), st.text())
    def test_repeats_nothing_of_what_stood_there(self, column, cell):
        typed = cell.strip()
        for _column, text in read(**{column: cell}).errors:
            assert len(typed) < 8 or typed not in text


class TestProtection:
    @pytest.mark.parametrize(
        ("cell", "protection"),
        [
            ("nej", "none"),
            ("Nej ", "none"),
            ("Sekretessmarkering", "confidentiality_marking"),
            ("skyddad folkbokföring", "protected_registration"),
            ("", "unknown"),
            ("ja", "unknown"),
            ("0", "unknown"),
            ("\u202enej", "unknown"),
        ],
    )
    def test_is_none_only_where_that_is_what_the_file_says(self, cell, protection):
        assert read(skydd=cell).protection == protection


def test_the_numbers_are_those_that_a_spreadsheet_shows():
    lines = csv_file.read(BytesIO(text_of(row(0), row(1)).encode()))

    assert [read_row.number for read_row in rows.read(lines, today=TODAY)] == [2, 3]

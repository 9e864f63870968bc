from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.imports import csv_file
from onboarding.imports.csv_file import COLUMNS, Unreadable
from onboarding.imports.views import EXAMPLE
from tests.onboarding.imports.files import row, text_of

HEADER = ";".join(COLUMNS)
WHOLE = text_of(row(0), row(1))


def read(content: str | bytes) -> list[csv_file.Line]:
    content = content.encode() if isinstance(content, str) else content
    return list(csv_file.read(BytesIO(content)))


def refusal(content: str | bytes) -> str:
    with pytest.raises(Unreadable) as error:
        csv_file.count(BytesIO(content.encode() if isinstance(content, str) else content))
    return str(error.value)


class TestRead:
    @pytest.mark.parametrize("separator", [";", ","])
    @pytest.mark.parametrize("mark", ["", "\ufeff"])
    @pytest.mark.parametrize("end", ["\r\n", "\n"])
    def test_takes_what_spreadsheets_make(self, separator, mark, end):
        text = mark + text_of(row(efternamn="Åkerström"), separator=separator)

        [line] = read(text.replace("\r\n", end))

        assert (line.number, line.cells["efternamn"]) == (2, "Åkerström")

    def test_takes_columns_in_any_order_and_leaves_out_what_may_be_left_out(self):
        text = "Enhet;ÄRENDENUMMER; skydd ;efternamn;förnamn;personnummer\r\nA;B;C;D;E;F\r\n"

        [line] = read(text)

        assert list(line.cells.items()) == [
            ("enhet", "A"), ("ärendenummer", "B"), ("skydd", "C"), ("efternamn", "D"),
            ("förnamn", "E"), ("personnummer", "F"),
        ]  # fmt: skip

    def test_lets_a_cell_have_separators_and_quotes(self):
        [line] = read(text_of(row(efternamn='af ";Exempel"')))

        assert line.cells["efternamn"] == 'af ";Exempel"'

    def test_skips_lines_with_nothing_in_them_and_counts_them(self):
        header, *rows = WHOLE.splitlines()

        assert [line.number for line in read("\n".join([header, "", *rows, "", ""]))] == [3, 4]

    def test_reads_the_example_that_we_hand_out(self):
        assert len(read(EXAMPLE.read_bytes())) == 3

    def test_leaves_the_file_open_for_the_next_who_reads_it(self):
        file = BytesIO(WHOLE.encode())

        assert csv_file.count(file) == len(list(csv_file.read(file))) == 2

    def test_holds_one_row_at_a_time(self):
        file = BytesIO(WHOLE.encode() + b"never;reached")

        assert next(csv_file.read(file)).number == 2


class TestRefusal:
    @pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
    def test_says_how_to_save_another_encoding(self, encoding):
        assert "CSV UTF-8" in refusal(text_of(row(efternamn="Åkerström")).encode(encoding))

    def test_of_another_encoding_comes_also_far_down(self):
        rows = text_of(*[row(n) for n in range(900)])

        assert "CSV UTF-8" in refusal((rows + text_of(row(efternamn="Å"))).encode("cp1252"))

    @pytest.mark.parametrize("content", ["", "\n", HEADER, HEADER + "\r\n\r\n"])
    def test_of_a_file_with_no_rows(self, content):
        assert refusal(content)

    def test_names_the_columns_that_are_missing(self):
        text = text_of(row()).replace("ärendenummer;", "", 1).replace("skydd;", "", 1)

        assert refusal(text) == "Det här saknas i rubrikraden: skydd, ärendenummer."

    def test_of_a_file_without_a_header_repeats_nobodys_name(self):
        text = WHOLE.split("\r\n", 1)[1]

        assert refusal(text).startswith("Kolumn 1 har en rubrik som inte känns igen.")

    def test_of_the_same_column_twice(self):
        assert "två gånger" in refusal(HEADER + ";mobil\r\n")

    def test_of_half_a_line_says_which(self):
        cut = WHOLE[: WHOLE.rindex(";nej;")]

        assert refusal(cut).startswith("Rad 3 har 7 rutor, men rubrikraden har 16.")

    def test_of_quotes_that_never_end_says_where(self):
        text = WHOLE.replace("Nina", '"Nina', 1)

        assert refusal(text).startswith("Ett citattecken saknas")

    def test_of_a_quote_in_the_header(self):
        assert refusal('"' + WHOLE) == "Ett citattecken saknas i rubrikraden."

    def test_of_a_line_without_end_comes_before_it_is_in_memory(self):
        assert refusal(WHOLE + "a" * 20_000) == "Rad 4 är för lång."

    @given(st.binary(max_size=200))
    def test_is_the_worst_that_any_bytes_can_do(self, content):
        for file in (BytesIO(content), BytesIO(HEADER.encode() + b"\r\n" + content)):
            with suppress(Unreadable):
                assert csv_file.count(file) > 0

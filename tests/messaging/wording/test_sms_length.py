import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.wording import sms_length
from messaging.wording.sms_length import Encoding, SmsLength

GSM, UCS = Encoding.GSM_7, Encoding.UCS_2

FIXTURES = [
    ("", GSM, 0, 1),
    ("a" * 160, GSM, 160, 1),
    ("a" * 161, GSM, 161, 2),
    ("a" * 306, GSM, 306, 2),
    ("a" * 307, GSM, 307, 3),
    ("å" * 160, GSM, 160, 1),
    ("€" * 80, GSM, 160, 1),
    ("€" * 81, GSM, 162, 2),
    # Simple division says 2, but the pair cannot be split.
    ("a" * 152 + "€" + "b" * 152, GSM, 306, 3),
    ("”Hej”", UCS, 5, 1),
    ("Hej – du", UCS, 8, 1),
    ("Hej… du", UCS, 7, 1),
    ("🙂" * 35, UCS, 70, 1),
    ("🙂" * 36, UCS, 72, 2),
    ("🙂" * 67, UCS, 134, 3),
    ("م" * 70, UCS, 70, 1),
    ("م" * 71, UCS, 71, 2),
]


class TestCount:
    @pytest.mark.parametrize(("text", "encoding", "units", "parts"), FIXTURES)
    def test_knows_what_operators_charge_for(self, text, encoding, units, parts):
        assert sms_length.count(text) == SmsLength(encoding, units, parts)

    @pytest.mark.parametrize("character", "€[]{}\\~^|")
    def test_counts_escaped_characters_as_two(self, character):
        assert sms_length.count(character).units == 2

    @given(st.text(alphabet="aå€\\ –🙂", max_size=700))
    def test_never_says_fewer_parts_than_the_units_need(self, text):
        length = sms_length.count(text)

        together = 153 if length.encoding == GSM else 67
        assert length.parts >= length.units / together or length.parts == 1
        assert length.parts <= length.units / (together - 1) + 1

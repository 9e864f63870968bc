import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.wording import delivered, sms_length, variables
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


def parts_as_sent(text: str) -> int:
    """Counted another way: write what a telephone is sent, and cut it as operators do."""
    if all(character in GSM_ALPHABET + ESCAPED for character in text):
        sent = re.sub(f"[{re.escape(ESCAPED)}]", "\x1b?", text)
        return len(_cut(sent, 160, 153, lambda unit: unit == "\x1b"))
    octets = text.encode("utf-16-be")
    units = [int.from_bytes(octets[i : i + 2], "big") for i in range(0, len(octets), 2)]
    return len(_cut(units, 70, 67, lambda unit: 0xD800 <= unit <= 0xDBFF))


def _cut(units, alone, together, begins_a_pair):
    if len(units) <= alone:
        return [units]
    parts = []
    while units:
        size = together - 1 if begins_a_pair(units[:together][-1]) else together
        parts.append(units[:size])
        units = units[size:]
    return parts


# As 3GPP TS 23.038 has it, row by row.
GSM_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPED = "\f^{}\\[~]|€"


class TestCountAgainstAnotherWay:
    @given(st.text(alphabet=st.sampled_from(GSM_ALPHABET + ESCAPED), max_size=700))
    def test_of_counting_septets(self, text):
        assert sms_length.count(text).parts == parts_as_sent(text)

    @given(st.text(alphabet=st.sampled_from("aå€م…🙂\u200d"), max_size=400))
    def test_of_counting_surrogates(self, text):
        assert sms_length.count(text).parts == parts_as_sent(text)

    @given(st.text(max_size=300))
    def test_of_counting_any_text(self, text):
        assert sms_length.count(text).parts == parts_as_sent(text)


class TestDeliveredTexts:
    @pytest.mark.parametrize(
        ("key", "units"),
        [
            (("new_message", "sv"), 142),
            (("welcome", "sv"), 137),
            (("reminder", "sv"), 127),
            (("test", "sv"), 110),
            (("new_message", "sv-simple"), 134),
            (("new_message", "en"), 146),
        ],
    )
    def test_are_one_sms_of_the_length_that_was_approved(self, key, units):
        kind, language = key
        name = "Söderköping Municipality" if language == "en" else "Söderköpings kommun"
        values = {"kommunen": name, "läs mer": ""}

        body = variables.fill(delivered.texts()[kind, "sms", language]["body"], values)

        assert sms_length.count(body) == SmsLength(GSM, units, 1)


class TestCostly:
    @pytest.mark.parametrize(
        ("text", "costly"),
        [
            ("Hej du, åäö é €", []),
            ("”Hej” – du…", ["”", "–", "…"]),
            ("Hej 🌲", ["🌲"]),
            ("Hej\xa0du", ["\xa0"]),
            ("“مرحبا” 🌲", []),
        ],
    )
    def test_is_what_could_be_written_otherwise(self, text, costly):
        assert sms_length.costly(text) == costly

    @pytest.mark.parametrize(
        ("text", "cheaper"),
        [
            ("”Hej” – du…", '"Hej" - du...'),
            ("Hej\xa0du\u200b", "Hej du"),
            ("a\u030a", "å"),
            ("Hej 🌲", "Hej 🌲"),
        ],
    )
    def test_is_replaced_where_there_is_something_cheaper(self, text, cheaper):
        assert sms_length.cheaper(text) == cheaper

    @pytest.mark.parametrize(
        ("character", "advice"),
        [
            ("“", 'Tecknet “ gör att ett sms bara rymmer 70 tecken. Byt till "'),
            ("\xa0", "Ett osynligt tecken gör att ett sms bara rymmer 70 tecken. Byt ut det."),
            ("🌲", "Tecknet 🌲 gör att ett sms bara rymmer 70 tecken. Ta bort det."),
        ],
    )
    def test_comes_with_a_piece_of_advice(self, character, advice):
        assert sms_length.advice(character) == advice

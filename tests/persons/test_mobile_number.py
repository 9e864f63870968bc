import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from persons import mobile_number
from persons.mobile_number import InvalidMobileNumber

NUMBER = "+46701740605"
EMPTY = "Skriv mobilnumret, till exempel 070-174 06 05."
LETTERS = "Mobilnumret innehåller bokstäver. Skriv bara siffror."
LANDLINE = "Numret är ett fast telefonnummer och kan inte ta emot sms. Skriv ett mobilnummer."
NOT_MOBILE = "Numret är inte ett mobilnummer. Det ska börja på 070, 072, 073, 076 eller 079."


def digits_text(count):
    return f"Mobilnumret ska ha 10 siffror. Du skrev {count}. Kontrollera numret."


class TestToE164:
    @pytest.mark.parametrize(
        "typed",
        [
            "0701740605", "070-174 06 05", "070 174 06 05", "(070) 174 06 05", "+46701740605",
            "0046701740605", "+46 (0)70-174 06 05", "070\u00a0174\u00a006\u00a005",
            "070-174 06 05 ", "070–174 06 05", "070.174.06.05", "070\t174\t06\t05",
        ],
    )  # fmt: skip
    def test_reads_every_way_of_writing_one_number(self, typed):
        assert mobile_number.to_e164(typed) == NUMBER

    @pytest.mark.parametrize("start", ["070", "072", "073", "076", "079"])
    def test_accepts_every_series_of_mobile_numbers(self, start):
        assert mobile_number.to_e164(f"{start}-174 06 05") == f"+46{start[1:]}1740605"

    @pytest.mark.parametrize(
        ("typed", "text"),
        [
            ("", EMPTY),
            ("   ", EMPTY),
            ("07017406", digits_text(8)),
            ("07017406055", digits_text(11)),
            ("+467017406", digits_text(8)),
            ("070-174 06 O5", LETTERS),
            ("fråga Åsa", LETTERS),
            ("0121-181 00", LANDLINE),
            ("08-508 290 00", LANDLINE),
            ("071-174 06 05", NOT_MOBILE),  # machines
            ("074-174 06 05", NOT_MOBILE),  # paging
            ("0771-17 40 60", NOT_MOBILE),
            ("46701740605", EMPTY),
            ("701740605", EMPTY),
            ("٠٧٠١٧٤٠٦٠٥", EMPTY),
            ("0701740605\x00", EMPTY),
            ("070/174;0605", EMPTY),
        ],
    )
    def test_says_what_to_do_about_what_it_refuses(self, typed, text):
        with pytest.raises(InvalidMobileNumber) as refused:
            mobile_number.to_e164(typed)

        assert str(refused.value) == text

    @pytest.mark.parametrize("typed", ["0", "00", "+", "+46", "+4", "+460", "0046", "08", "+0"])
    def test_refuses_the_beginning_of_a_number(self, typed):
        with pytest.raises(InvalidMobileNumber):
            mobile_number.to_e164(typed)

    @pytest.mark.parametrize(
        ("typed", "e164"), [("+47 412 34 567", "+4741234567"), ("0045 20 12 34 56", "+4520123456")]
    )
    def test_accepts_foreign_numbers(self, typed, e164):
        assert mobile_number.to_e164(typed) == e164

    @pytest.mark.parametrize("typed", ["+47 412", "+999 123 456 789", "+1 2", "+4900"])
    def test_refuses_foreign_numbers_that_cannot_be(self, typed):
        with pytest.raises(InvalidMobileNumber, match="utländska numret stämmer inte"):
            mobile_number.to_e164(typed)

    @settings(max_examples=5 * settings.default.max_examples)
    @given(st.one_of(st.text(), st.text("0123456789+- ()", max_size=20)))
    @example("+46" + "0" * 12)
    @example("0" * 100_000)
    def test_raises_nothing_but_its_own_exception(self, typed):
        try:
            number = mobile_number.to_e164(typed)
        except InvalidMobileNumber as error:
            number = NUMBER if str(error) else ""

        assert number[0] == "+"
        assert 7 < len(number) <= 16
        assert mobile_number.to_e164(number) == number


class TestIsForeign:
    def test_goes_by_the_country(self):
        assert mobile_number.is_foreign("+4741234567")
        assert not mobile_number.is_foreign(NUMBER)


class TestCountryCode:
    def test_is_what_stands_before_the_number(self):
        assert mobile_number.country_code("+4741234567") == "+47"
        assert mobile_number.country_code("+35812345678") == "+358"

from datetime import date, timedelta

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from personnummer import personnummer as oracle

from persons import identity_number
from persons.identity_number import InvalidIdentityNumber
from web import clock

TODAY = date(2026, 11, 23)

# Skatteverket's published test numbers.
PERSONNUMMER = [
    "199006022397", "199107172380", "199610202385", "190104132386", "200001052380",
    "199312172381", "195711212893", "196107293059", "197912309296", "200001042399",
    "190001042399", "190301249801", "191212121212", "194408139089",
]  # fmt: skip
SAMORDNINGSNUMMER = ["197010632391"]
PUBLISHED = PERSONNUMMER + SAMORDNINGSNUMMER


def digits(text):
    return st.text("0123456789", min_size=text, max_size=text)


def with_check_digit(eleven):
    """The number that ends as it must."""
    products = [int(digit) * (2 - i % 2) for i, digit in enumerate(eleven[2:])]
    return f"{eleven}{-sum(p // 10 + p % 10 for p in products) % 10}"


@st.composite
def valid_numbers(draw, last=TODAY):
    """Personnummer and samordningsnummer from 1800 until `last`."""
    born = draw(st.dates(date(1800, 1, 1), last))
    day = born.day + draw(st.sampled_from([0, 60]))
    serial = draw(st.integers(1, 999))
    return with_check_digit(f"{born:%Y%m}{day:02}{serial:03}")


@st.composite
def nearly_numbers(draw):
    """What looks like a number, with every part now and then wrong."""
    century = draw(st.sampled_from(["", "18", "19", "20", "17", "21"]))
    middle = draw(st.dates(date(1900, 1, 1), date(1999, 12, 31))).strftime("%y%m")
    day = draw(st.integers(0, 99))
    sign = draw(st.sampled_from(["", "-", "+"]))
    nine = f"{middle}{day:02}{draw(st.integers(0, 999)):03}"
    check = with_check_digit("19" + nine)[-1] if draw(st.booleans()) else draw(digits(1))
    return f"{century}{nine[:6]}{sign}{nine[6:]}{check}"


class TestParse:
    @pytest.mark.parametrize("number", PUBLISHED)
    def test_accepts_the_published_numbers_with_twelve_digits(self, number):
        assert identity_number.parse(number, today=TODAY) == number
        assert identity_number.parse(f"{number[:8]}-{number[8:]}", today=TODAY) == number

    @pytest.mark.parametrize("number", PUBLISHED)
    def test_accepts_the_published_numbers_with_ten_digits_and_a_sign(self, number):
        shown = identity_number.shown(number, today=TODAY)

        assert identity_number.parse(shown, today=TODAY) == number

    @pytest.mark.parametrize(
        "typed",
        [
            " 19900602-2397 ", "1990 06 02 23 97", "19900602\u00a02397", "19900602–2397",
            "19900602\u22122397", "19900602\t2397",
        ],
    )  # fmt: skip
    def test_looks_through_spaces_and_long_dashes(self, typed):
        assert identity_number.parse(typed, today=TODAY) == "199006022397"

    def test_refuses_ten_digits_without_a_sign_because_the_century_is_not_said(self):
        with pytest.raises(InvalidIdentityNumber, match="så att århundradet syns"):
            identity_number.parse("9006022397", today=TODAY)

    @pytest.mark.parametrize(
        "typed",
        [
            "199006022398",  # check digit
            "199006312396",  # 31 June
            "199013012397",  # 13th month
            "199006002390",  # day 0
            "199006602394",  # day 60 is neither a day nor a day plus 60
            "199006922390",  # day 32 plus 60
            "199006020003",  # serial 000
            "179006022397",
            "219006022397",
        ],
    )
    def test_refuses_a_number_that_cannot_be(self, typed):
        with pytest.raises(InvalidIdentityNumber, match=r"^Personnumret stämmer inte\."):
            identity_number.parse(typed, today=TODAY)

    @pytest.mark.parametrize("year", ["1800", "1900"])
    def test_has_no_29_february_in_1800_and_1900(self, year):
        with pytest.raises(InvalidIdentityNumber):
            identity_number.parse(with_check_digit(f"{year}0229238"), today=TODAY)

    @pytest.mark.parametrize("year", ["1804", "1904", "2000", "2024"])
    def test_has_29_february_in_leap_years(self, year):
        number = with_check_digit(f"{year}0229238")

        assert identity_number.parse(number, today=TODAY) == number

    def test_refuses_a_birth_in_the_future(self):
        tomorrow = with_check_digit(f"{TODAY + timedelta(days=1):%Y%m%d}238")

        with pytest.raises(InvalidIdentityNumber):
            identity_number.parse(tomorrow, today=TODAY)

    def test_accepts_whoever_was_born_today(self):
        number = with_check_digit(f"{TODAY:%Y%m%d}238")

        assert identity_number.parse(number, today=TODAY) == number

    def test_reads_plus_as_a_hundred_years_earlier(self):
        assert identity_number.parse("121212-1212", today=TODAY) == "201212121212"
        assert identity_number.parse("121212+1212", today=TODAY) == "191212121212"

    @pytest.mark.parametrize(
        "garbage",
        [
            "", " ", "-", "abc", "19900602-239x", "1990060223977", "19900602--2397",
            "19900602-2397\x00", "\u202e19900602-2397", "19900602\u200b-2397", "𝟏𝟗𝟗𝟎𝟎𝟔𝟎𝟐𝟐𝟑𝟗𝟕",
            "١٩٩٠٠٦٠٢٢٣٩٧", "１９９００６０２２３９７", "\ud800", "1" * 1_000_000, " " * 1_000_000,
        ],
        ids=lambda garbage: f"{garbage[:14]!a}",
    )  # fmt: skip
    def test_says_how_to_write_it_when_it_is_no_number(self, garbage):
        with pytest.raises(InvalidIdentityNumber, match="med 12 siffror, till exempel"):
            identity_number.parse(garbage, today=TODAY)

    @given(st.text())
    @example("²" * 12)
    def test_raises_nothing_but_its_own_exception(self, typed):
        try:
            number = identity_number.parse(typed, today=TODAY)
        except InvalidIdentityNumber:
            return
        assert len(number) == 12

    @settings(max_examples=20 * settings.default.max_examples)
    @given(st.one_of(nearly_numbers(), valid_numbers()))
    def test_agrees_with_the_oracle_except_where_it_is_stricter(self, typed):
        self._agrees(typed)

    @pytest.mark.verification
    @settings(max_examples=100_000)
    @given(st.one_of(nearly_numbers(), valid_numbers()))
    def test_agrees_with_the_oracle_about_a_hundred_thousand(self, typed):
        self._agrees(typed)

    def _agrees(self, typed):
        today = clock.today()  # the oracle asks the machine
        try:
            expected = oracle.parse(typed).format(long_format=True)
        except oracle.PersonnummerException:
            expected = None

        try:
            ours = identity_number.parse(typed, today=today)
        except InvalidIdentityNumber:
            ours = None

        if expected and self._we_are_stricter(typed, expected, today):
            expected = None
        assert ours == expected

    def _we_are_stricter(self, typed, number, today):
        """Where the oracle answers, and we must not."""
        if len(typed) == 10 or not "1800" <= number[:4] <= "2099":
            return True
        return identity_number.birth_date(number) > today

    def test_never_reads_a_minus_as_more_than_a_hundred_years_ago(self):
        later_this_year = with_check_digit("20261231238")[2:]

        with pytest.raises(InvalidIdentityNumber):
            identity_number.parse(f"{later_this_year[:6]}-{later_this_year[6:]}", today=TODAY)


class TestBirthDate:
    def test_is_the_date_in_the_number(self):
        assert identity_number.birth_date("199006022397") == date(1990, 6, 2)

    def test_takes_sixty_from_a_samordningsnummer(self):
        assert identity_number.birth_date("197010632391") == date(1970, 10, 3)


class TestShown:
    def test_has_a_minus_until_the_calendar_year_of_100(self):
        assert identity_number.shown("194408139089", today=date(2043, 12, 31)) == "440813-9089"

    def test_has_a_plus_from_the_calendar_year_of_100_also_before_the_birthday(self):
        assert identity_number.shown("194408139089", today=date(2044, 1, 1)) == "440813+9089"

    @given(valid_numbers(), st.dates(TODAY, date(2099, 12, 31)))
    def test_is_read_back_as_the_same_number(self, number, today):
        assume(today.year - int(number[:4]) < 200)  # then a sign no longer tells the century

        shown = identity_number.shown(number, today=today)

        assert identity_number.parse(shown, today=today) == number


class TestMasked:
    @pytest.mark.parametrize("number", PUBLISHED)
    def test_hides_the_last_four_digits(self, number):
        masked = identity_number.masked(number, today=TODAY)

        assert masked[:6] == number[2:8]
        assert masked[6] in "+-"
        assert masked[7:] == "XXXX"


class TestAge:
    @pytest.mark.parametrize(
        ("today", "age"),
        [(date(2026, 6, 1), 35), (date(2026, 6, 2), 36), (date(2027, 1, 1), 36)],
    )
    def test_grows_on_the_birthday(self, today, age):
        assert identity_number.age("199006022397", today=today) == age

    def test_grows_on_1_march_for_whoever_was_born_on_29_february(self):
        number = with_check_digit("20000229238")

        assert identity_number.age(number, today=date(2027, 2, 28)) == 26
        assert identity_number.age(number, today=date(2027, 3, 1)) == 27

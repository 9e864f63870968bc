from datetime import time

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from staff.models import Municipality
from staff.models.municipality import validate_sender_name


def contrast(one, other):
    """As WCAG 2 defines it, written from its text."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = [
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        ]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted([luminance(one), luminance(other)], reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.django_db
class TestLoad:
    def test_makes_the_one_row_and_finds_it_again(self, django_assert_num_queries):
        first = Municipality.load()

        with django_assert_num_queries(1):
            assert Municipality.load() == first

    def test_can_have_no_second_row(self):
        Municipality.load()

        with pytest.raises(IntegrityError), transaction.atomic():
            Municipality.objects.create(pk=2)

    def test_begins_with_values_that_may_be_saved(self):
        Municipality.load().full_clean()


@pytest.mark.django_db
class TestSmsHours:
    @pytest.mark.parametrize(
        ("setting", "moment", "is_open"),
        [
            ((time(9), time(17)), time(8, 59), False),
            ((time(9), time(17)), time(9), True),
            ((time(9), time(17)), time(16, 59, 59), True),
            ((time(9), time(17)), time(17), False),
            ((time(6), time(22)), time(7, 59), False),
            ((time(6), time(22)), time(8), True),
            ((time(6), time(22)), time(19, 59), True),
            ((time(6), time(22)), time(20), False),
        ],
    )
    def test_are_the_setting_but_never_outside_8_to_20(self, setting, moment, is_open):
        municipality = Municipality(sms_from=setting[0], sms_until=setting[1])

        assert municipality.is_sms_time(moment) == is_open

    @pytest.mark.parametrize("hours", [(time(17), time(9)), (time(9), time(9))])
    def test_end_after_they_start(self, hours):
        municipality = Municipality.load()
        municipality.sms_from, municipality.sms_until = hours

        with pytest.raises(ValidationError, match="Sluttiden ska vara efter starttiden"):
            municipality.full_clean()


class TestSenderName:
    @pytest.mark.parametrize("name", ["Soderkoping", "Kommunen", "A 1", "112 Ring"])
    def test_accepts_what_every_operator_can_show(self, name):
        validate_sender_name(name)

    @pytest.mark.parametrize(
        "name", ["Söderköping", "AB", "123456", "", "Kommun!", "Kommun\n", "   "]
    )
    def test_refuses_what_some_operator_cannot_show(self, name):
        with pytest.raises(ValidationError, match="Skriv 3–11 tecken"):
            validate_sender_name(name)

    def test_says_how_long_a_name_that_is_too_long_is(self):
        with pytest.raises(ValidationError, match="”Söderköpings” är 12"):
            validate_sender_name("Söderköpings")


class TestTextColour:
    @given(st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}"))
    def test_can_be_read_on_every_colour(self, colour):
        chosen = Municipality(colour=colour).text_colour()

        other = {"#ffffff": "#000000", "#000000": "#ffffff"}[chosen]
        assert contrast(chosen, colour) >= max(contrast(other, colour), 4.5)

    @pytest.mark.django_db
    @pytest.mark.parametrize("colour", ["red", "#12345", "#12345g", "0b5a8a", "#0b5a8a;"])
    def test_is_only_of_a_colour_that_a_stylesheet_can_hold(self, colour):
        municipality = Municipality.load()
        municipality.colour = colour

        with pytest.raises(ValidationError):
            municipality.full_clean()

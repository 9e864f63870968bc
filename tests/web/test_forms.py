from datetime import date

import pytest
from django import forms
from django.template.loader import render_to_string

from web.forms import DateField, Error, Form, error_list


class VisitForm(Form):
    wish = forms.ChoiceField(
        label="Vill personen?",
        choices=[("yes", "Ja"), ("no", "Nej")],
        widget=forms.RadioSelect,
        error_messages={"required": "Välj ja eller nej."},
    )
    visited_on = DateField(label="Datum", required=False)
    sms = forms.BooleanField(label="Sms", required=False)
    mobile = forms.CharField(
        label="Mobil", help_text="Tio siffror", error_messages={"required": "Skriv mobilnumret."}
    )
    reveals = {("wish", "yes"): "visited_on", ("sms", True): "mobile"}

    def clean(self) -> None:
        if self.data.get("wish") == "no":
            self.add_error(None, "Uppgifterna har ändrats av någon annan.")


def parse(text: str) -> date | None:
    return DateField(required=False).clean(text)


class TestDateField:
    @pytest.mark.parametrize(
        "text",
        ["2026-11-23", "20261123", "23/11/2026", "23 november 2026", " 23  NOVEMBER 2026 "],
    )
    def test_reads_a_day_as_people_write_it(self, text):
        assert parse(text) == date(2026, 11, 23)

    def test_reads_swedish_names_of_months(self):
        assert parse("1 maj 2027") == date(2027, 5, 1)

    @pytest.mark.parametrize("text", ["i går", "31 februari 2026", "23 movember 2026", "11-23"])
    def test_says_how_to_write_what_it_cannot_read(self, text):
        with pytest.raises(forms.ValidationError, match="Skriv det så här: 2026-11-23"):
            parse(text)

    def test_keeps_a_date_that_is_one_already(self):
        assert DateField().clean(date(2026, 11, 23)) == date(2026, 11, 23)

    def test_shows_a_stored_day_in_the_same_form(self):
        form = VisitForm(initial={"visited_on": date(2026, 11, 23)})

        assert 'value="2026-11-23"' in str(form["visited_on"])

    def test_keeps_what_was_typed(self):
        assert 'value="i går"' in str(VisitForm({"visited_on": "i går"})["visited_on"])


class TestForm:
    def test_leaves_the_checking_to_the_server(self):
        assert "required" not in str(VisitForm()["mobile"])

    def test_ties_hint_and_error_to_the_field(self):
        html = str(VisitForm({})["mobile"])

        assert 'aria-describedby="id_mobile_helptext id_mobile_error"' in html
        assert 'aria-invalid="true"' in html

    def test_adds_the_design_systems_class_to_the_fields_own(self):
        assert 'class="ds-input input--short"' in str(VisitForm()["visited_on"])

    def test_knows_which_field_a_radio_button_reveals(self):
        form = VisitForm()

        revealed = [choice.revealed for choice in form["wish"].choices()]

        assert [field.name if field else None for field in revealed] == ["visited_on", None]

    def test_knows_which_field_a_checkbox_reveals(self):
        form = VisitForm()

        assert form["sms"].revealed.name == "mobile"
        assert 'aria-controls="id_sms_reveal"' in str(form["sms"])
        assert form["mobile"].revealed is None


class TestErrorList:
    def test_is_in_the_order_of_the_fields_and_leads_to_each(self):
        assert error_list(VisitForm({})) == [
            Error("id_wish_0", "Välj ja eller nej."),
            Error("id_mobile", "Skriv mobilnumret."),
        ]

    def test_puts_what_concerns_the_whole_form_first(self):
        first = error_list(VisitForm({"wish": "no"}))[0]

        assert first == Error("", "Uppgifterna har ändrats av någon annan.")

    def test_reads_other_peoples_forms_too(self):
        class Plain(forms.Form):
            name = forms.CharField(error_messages={"required": "Skriv namnet."})

        assert error_list(Plain({})) == [Error("id_name", "Skriv namnet.")]


class TestErrorSummary:
    def test_counts_and_links_to_the_fields(self):
        html = render_to_string("components/error_summary.html", {"form": VisitForm({})})

        assert "Det finns 2 saker att rätta" in html
        assert '<a href="#id_wish_0">Välj ja eller nej.</a>' in html

    def test_counts_to_one(self):
        form = VisitForm({"wish": "yes"})

        html = render_to_string("components/error_summary.html", {"form": form})

        assert "Det finns 1 sak att rätta" in html

    def test_is_not_there_before_the_form_is_sent(self):
        html = render_to_string("components/error_summary.html", {"form": VisitForm()})

        assert not html.strip()

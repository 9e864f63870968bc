"""One rule for every text, and no field of any form that does without it."""

from collections.abc import Iterator

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import get_resolver

from staff.models import Role
from tests.factories import UserFactory
from web import typed_text

UNSEEN = {
    "NUL": "\0", "control": "\x1b", "DEL": "\x7f", "C1": "\x85", "override": "\u202e",
    "isolate": "\u2066", "zero width": "\u200b", "byte order mark": "\ufeff",
    "word joiner": "\u2060",
    "half a character": "\ud800", "private": "\ue000", "unassigned": "\u0378",
    "no character": "\uffff",
    "line separator": "\u2028", "filler": "\u3164", "unreadable": "\ufffd", "tag": "\U000e0041",
}  # fmt: skip
NAMES = [
    "Åsa",
    "O’Brien-Nguyễn",
    "علی\u200cرضا",
    "שרה",
    "Ірина",
    "李小龍",
    "ትግስት",
    "Zoë 👩🏽\u200d💻",
]
# What is chosen and not typed: anything that is not among the choices is refused or is nothing.
CHOSEN = (forms.BooleanField, forms.FileField, forms.MultiValueField)


def refused(text: str, **options: bool) -> str:
    with pytest.raises(ValidationError) as error:
        typed_text.check(text, **options)
    return error.value.messages[0]


class TestTheRule:
    @pytest.mark.parametrize("character", UNSEEN.values(), ids=UNSEEN)
    def test_refuses_what_nobody_sees_in_a_line_and_in_a_longer_text(self, character):
        expected = "Tecken 3 i texten syns inte eller går inte att läsa. Ta bort det."

        assert refused(f"Am{character}ina") == expected
        assert refused(f"Am{character}ina", is_running=True) == expected

    @pytest.mark.parametrize("name", NAMES)
    def test_lets_names_and_signs_of_all_languages_through(self, name):
        typed_text.check(name)

    @pytest.mark.parametrize("character", ["\n", "\r", "\t", "\xad", "\u200e", "\u200f"])
    def test_lets_what_belongs_in_running_text_be_there_alone(self, character):
        typed_text.check(f"rad{character}rad", is_running=True)

        assert refused(f"rad{character}rad")

    @pytest.mark.parametrize("name", ["An\u200dna", "\u200cعلی", "علی\u200c", "علی\u200c\u200cرضا"])
    def test_refuses_a_joiner_that_joins_nothing(self, name):
        assert refused(name)

    def test_leaves_what_can_be_seen_for_what_is_kept_all_the_same(self):
        assert typed_text.seen("Fel\u202e grund\r\nnu") == "Fel  grund  nu"


class TestAField:
    def test_says_its_own_words_about_length(self):
        field = forms.CharField(max_length=5, error_messages={"max_length": "Skriv kortare."})

        with pytest.raises(ValidationError, match="Skriv kortare"):
            field.clean("x" * 6)

    def test_may_end_in_spaces_and_a_line_end_that_are_taken_away(self):
        assert forms.CharField(max_length=4).clean(" Nina\r\n") == "Nina"


def every_form() -> Iterator[type[forms.BaseForm]]:
    """Ours, allauth's and Django's: all that the addresses have loaded."""
    assert get_resolver().url_patterns
    waiting = [forms.BaseForm]
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        yield form


def typed_fields(fields: dict[str, forms.Field]) -> Iterator[tuple[str, forms.Field]]:
    for name, field in fields.items():
        if not field.disabled and not isinstance(field, CHOSEN):
            yield name, field


def lets_through(field: forms.Field) -> list[str]:
    """Which of what must be refused is not."""
    texts = {name: f"a{character}b" for name, character in UNSEEN.items()}
    texts["a megabyte"] = "x" * 1_000_000
    if not isinstance(field.widget, forms.Textarea):
        texts["two lines"] = "a\nb"
    return [name for name, text in texts.items() if not refuses(field, text)]


def refuses(field: forms.Field, text: str) -> bool:
    try:
        field.clean(text)
    except ValidationError:
        return True
    return False


class TestEveryField:
    def test_of_a_form_keeps_to_the_rule(self, db):
        fields = [
            (f"{form.__module__}.{form.__name__}.{name}", field)
            for form in every_form()
            for name, field in typed_fields(getattr(form, "base_fields", {}))
        ]

        assert {name: let for name, field in fields if (let := lets_through(field))} == {}
        assert len(fields) > 100

    def test_of_a_model_keeps_to_it_in_whatever_form_it_comes(self):
        stored = [
            (field, field.formfield())
            for model in apps.get_models()
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
        ]

        typed = {str(name): field for name, field in stored if field and field.widget}
        assert {name: let for name, field in typed.items() if (let := lets_through(field))} == {}
        assert {"staff.Unit.name", "persons.Person.given_name", "inbox.Message.body"} <= set(typed)

    def test_of_the_admin_keeps_to_it(self, rf, db):
        request = rf.get("/")
        request.user = UserFactory(role=Role.SYSTEM_ADMIN)

        fields = dict(self._in_the_admin(request))

        assert {name: let for name, field in fields.items() if (let := lets_through(field))} == {}
        assert {"User.first_name", "GroupMapping.group", "Unit.name"} <= set(fields)

    def _in_the_admin(self, request) -> Iterator[tuple[str, forms.Field]]:
        for page in admin.site._registry.values():
            forms_of = [i.get_formset(request).form for i in page.get_inline_instances(request)]
            if page.has_change_permission(request):
                forms_of.append(page.get_form(request))
            for form in forms_of:
                for name, field in typed_fields(form.base_fields):
                    yield f"{form._meta.model.__name__}.{name}", field

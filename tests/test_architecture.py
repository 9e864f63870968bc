"""Rules of the whole house."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.utils.functional import Promise

from messaging.notices.states import TRANSITIONS as NOTICE_MOVES
from persons.states import TRANSITIONS as SWITCH_MOVES
from tests import states

ROOT = Path(__file__).resolve().parent.parent
# Swedish by nature, one file per language.
WRITTEN_PER_LANGUAGE = ("sheet", "notices/sms", "notices/email", "inbox/welcome")
# Rendered when nothing works, and the demo's gallery of invented examples.
NOT_FOR_TRANSLATION = ("500.html", "web/components.html")
PAGES = [
    page
    for page in sorted((ROOT / "templates").rglob("*.html"))
    if not page.relative_to(ROOT / "templates")
    .as_posix()
    .startswith((*WRITTEN_PER_LANGUAGE, *NOT_FOR_TRANSLATION))
]


def words_outside_gettext(html: str) -> str:
    html = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}|<!--.*?-->", "", html, flags=re.DOTALL)
    html = re.sub(r"{% blocktrans.*?{% endblocktrans(late)? %}", "", html, flags=re.DOTALL)
    html = re.sub(r"{%.*?%}|{{.*?}}", "", html, flags=re.DOTALL)
    html = re.sub(r"<(script|style).*?</\1>|<[^>]*>", "", html, flags=re.DOTALL)
    return " ".join(re.findall(r"[^\W\d_]{2,}", re.sub(r"&\w+;", "", html)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_word_on_a_page_can_be_translated(page):
    assert words_outside_gettext(page.read_text()) == ""


def test_no_page_has_a_style_or_a_handler_that_the_policy_forbids():
    for page in PAGES:
        assert not re.search(r"<[^>]*\s(style|on\w+)=", page.read_text()), page


def _ours() -> Iterator[tuple[type[Model], Any]]:
    for model, page in admin.site._registry.items():
        if (ROOT / model.__module__.partition(".")[0]).is_dir():
            yield model, page


def test_every_word_in_the_admin_can_be_translated():
    unnamed = [
        f"{model.__name__}.{field.name}"
        for model, page in _ours()
        for field in model._meta.concrete_fields
        if field.name in {*page.list_display, *(page.fields or page.readonly_fields)}
        and not isinstance(field.verbose_name, Promise)
    ] + [
        model.__name__
        for model, _page in _ours()
        if not isinstance(model._meta.verbose_name, Promise)
        or not isinstance(model._meta.app_config.verbose_name, Promise)
    ]

    assert unnamed == []


def test_the_state_diagrams_are_those_of_the_tables():
    assert (ROOT / "docs" / "states.md").read_text() == states.document()


@pytest.mark.parametrize("moves", [SWITCH_MOVES, NOTICE_MOVES], ids=["switch", "notice"])
def test_every_state_can_be_reached(moves):
    reached = set().union(*moves.values())

    assert {str(state) for state in type(next(iter(moves)))} - {"off", "queued"} <= {
        str(state) for state in reached
    }

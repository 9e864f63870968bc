"""Take the scope away from one view after the other: what the suite asks for must say so.

Each mutant is what a colleague could forget: a view that fetches its rows without asking who asks.
`./dev test -m verification tests/access/test_mutants.py` tries every view.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.base import BaseHandler

from persons.models import Case, Person, PersonEvent
from relations.models import Relation
from tests.access.crawler import Crawl
from tests.access.test_matrix import ADDRESSES, SIGNED_IN, STRANGER, Asking, by_turns
from tests.access.world import World

pytestmark = pytest.mark.verification

SCOPES = [
    (Case, "visible_to"), (Case, "assigned_to"), (Case, "protected_for"),
    (Person, "visible_to"), (PersonEvent, "visible_to"), (Relation, "of"),
]  # fmt: skip
ABOUT_ONE = sorted({a.name for a in ADDRESSES if "person_id" in a.parts})
LISTS = ["start", "search"]


def forget_who_asks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody's rows, but in this view alone."""
    asked: dict[str, str] = {}
    resolve = BaseHandler.resolve_request

    def remember(handler: Any, request: Any) -> Any:
        match = resolve(handler, request)
        asked["view"] = request.resolver_match.view_name
        return match

    monkeypatch.setattr(BaseHandler, "resolve_request", remember)
    for model, scope in SCOPES:
        rows = type(model.objects.all())
        kept = getattr(rows, scope)

        def forgetful(self: Any, who: Any, kept: Any = kept) -> Any:
            return self if asked.get("view") == name else kept(self, who)

        monkeypatch.setattr(rows, scope, forgetful)


class TestAViewThatForgetsWhoAsks:
    @pytest.mark.parametrize("name", ABOUT_ONE)
    def test_is_caught_by_the_matrix(self, world, monkeypatch, name):
        forget_who_asks(name, monkeypatch)

        assert any(self._leaks(world, name))

    @pytest.mark.parametrize("name", LISTS)
    def test_is_caught_by_the_crawl(self, world, monkeypatch, name):
        forget_who_asks(name, monkeypatch)

        assert Crawl(world, STRANGER).run().leaks

    def _leaks(self, world: World, name: str) -> Iterator[list[str]]:
        for who in SIGNED_IN:
            yield Asking(world, who).leaks(p for p in by_turns(who) if p[1].name == name)

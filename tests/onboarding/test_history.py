import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from onboarding import history
from persons.models import PersonEvent
from tests.factories import CaseFactory
from tests.onboarding.conftest import MONDAY, person_of

FLOORS = ("onboarding", "messaging", "relations", "persons")
# Kinds of other things: of a row at the gateway, and of a message.
NO_EVENTS = {"account", "relation", "welcome"}


def kinds_in_the_code() -> set[str]:
    """Each text that is given to something that writes events."""
    found = set()
    for floor in FLOORS:
        for file in (settings.BASE_DIR / floor).rglob("*.py"):
            found |= kinds_in(file)
    return found


def kinds_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    given: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "kind":
            given.append(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in {"_note", "_event"}:
                given.append(node.args[1])
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            names = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(name, ast.Name) and name.id in {"kind", "kinds"} for name in names):
                given.append(node.value)
        elif isinstance(node, ast.AugAssign) and ast.unparse(node.target) == "kinds":
            given.append(node.value)
    return {word for expression in given for word in _words(expression)} - NO_EVENTS


def _words(expression: ast.expr) -> set[str]:
    """The texts of an expression that are kinds: not those it compares with, or looks up."""
    if isinstance(expression, ast.Constant):
        return {expression.value} if isinstance(expression.value, str) else set()
    if isinstance(expression, ast.IfExp):
        return _words(expression.body) | _words(expression.orelse)
    if isinstance(expression, ast.ListComp):
        return _words(expression.elt)
    if isinstance(expression, ast.Tuple):
        return {word for element in expression.elts for word in _words(element)}
    return set()


class TestInWords:
    def test_has_words_for_every_kind_that_is_written_and_no_others(self):
        assert kinds_in_the_code() == set(history.in_words())

    def test_has_different_words_for_each(self):
        words = list(history.in_words().values())

        assert len(set(words)) == len(words)


@pytest.fixture
def note(amina, karin):
    def note(kind, *, days=0, by=karin):
        at = MONDAY + timedelta(days=days)
        PersonEvent.objects.create(person=amina, kind=kind, at=at, by=by)

    return note


class TestOf:
    def test_has_the_latest_first(self, amina, karin, note):
        note("welcome_scheduled", days=1)
        note("switched_on")
        # In the same moment: the one that was written last.
        note("welcome_stopped", days=1)

        rows = history.of(amina, user=karin)

        assert [row.what for row in rows] == [
            "Stoppade välkomstmeddelandet",
            "Schemalade välkomstmeddelandet",
            "Kopplade på e-tjänsten",
        ]
        assert rows[-1].at == MONDAY

    def test_says_who_and_when_it_was_the_system(self, amina, karin, note):
        note("switched_on")
        note("became_usable", days=1, by=None)

        assert [row.who for row in history.of(amina, user=karin)] == ["Systemet", "Karin Ek"]

    def test_is_about_nobody_else(self, karin, note):
        note("switched_on")

        assert history.of(person_of(karin), user=karin) == []

    def test_of_a_case_is_for_those_who_see_the_case(self, amina, karin):
        mine, elsewhere = amina.cases.get(), CaseFactory(person=amina)
        for case in (mine, elsewhere):
            PersonEvent.objects.create(person=amina, case=case, kind="case_changed", by=karin)

        assert len(history.of(amina, user=karin)) == 1

    def test_stops_at_two_hundred(self, amina, karin, note):
        for _n in range(history.LIMIT + 1):
            note("welcome_changed")

        latest = history.of(amina, user=karin)
        older = history.of(amina, user=karin, before=latest[-1].key)

        assert (len(latest), len(older)) == (200, 1)
        assert older[0].key not in {row.key for row in latest}

    def test_asks_once_however_much_has_happened(
        self, amina, karin, note, django_assert_num_queries
    ):
        for _n in range(10):
            note("welcome_changed")

        # One is about the user, and asked once per request.
        with django_assert_num_queries(2):
            history.of(amina, user=karin)


class TestChanges:
    def test_are_told_with_old_and_new_in_the_words_of_the_pages(self, amina, karin):
        changes = {
            "mobile": ["070-174 06 05", "070-174 06 06"],
            "mobile_e164": ["+46701740605", "+46701740606"],
            "email": ["", "amina@exempel.se"],
            "notify_by_sms": [True, False],
            "sms_read_by_others": [None, True],
            "decided_on": [None, "2026-11-20"],
            "interpreter": ["arabiska", ""],
            "wish": ["", "yes"],
            "language": ["sv", "ar"],
            "state": ["off", "pending"],
        }
        PersonEvent.objects.create(person=amina, kind="details_changed", by=karin, changes=changes)

        [row] = history.of(amina, user=karin)

        assert row.changes == [
            "Telefon mobil: 070-174 06 06 (var: 070-174 06 05)",
            "E-postadress: amina@exempel.se",
            "Språk i meddelanden: Arabiska (var: Svenska)",
            "Tolk: saknas (var: arabiska)",
            "Vill använda e-tjänsten: Ja",
            "Notifiering via SMS: av (var: på)",
            "Någon annan läser sms: ja",
            "Beslut: 20 november 2026",
        ]

    def test_of_a_protected_person_are_hidden(self, karin):
        person = person_of(karin, protected=True)
        changes = {"mobile": ["070-174 06 05", ""]}
        PersonEvent.objects.create(person=person, kind="channels_changed", changes=changes)

        assert [row.changes for row in history.of(person, user=karin)] == [[]]

"""No trace of a protected person for those who are not named: not in a list, a count or a log."""

import re

import pytest
from django.urls import reverse

from onboarding import protection
from persons.models import MarkingSource, Protection
from relations.models import Relation
from tests.access.answers import ask
from tests.access.world import NOT_SIGNED_IN, SEES

NOT_NAMED = [who for who in SEES if who not in NOT_SIGNED_IN and "protected" not in SEES[who]]
# The manager answers for them unnamed: by case number, and by what managers have written.
FOR_THE_MANAGER = {"Person.public_id", "Case.number", "NamedAccess.reason"}


def lists(world):
    """Where many are shown, counted or searched at once, and the manager's page about one."""
    about = [world.persons["protected"].public_id]
    views = ("att-gora", "forsenade", "atgarda", "vantar", "klara", "alla")
    names = ("start", "sync_status", "protected_people", "admin:index", "admin:app_list")
    models = ("notices_notice", "sync_syncrun", "staff_user", "staff_unit", "staff_membership")
    return [
        *(f"{reverse('start')}?vy={view}" for view in views),
        *(reverse(name, args=["staff"] if "app_list" in name else []) for name in names),
        *(reverse(f"admin:{model}_changelist") for model in models),
        *(reverse(name, args=about) for name in ("protected_person", "decide", "lift_protection")),
    ]


@pytest.mark.parametrize("who", NOT_NAMED)
def test_is_in_no_list_of_who_is_not_named(world, who):
    allowed = FOR_THE_MANAGER if who == "manager" else set()

    for address in lists(world):
        answer = ask(world.clients[who], "get", address)
        found = world.texts.found_in(answer.content.decode(errors="replace"))
        leaked = {canary.place for canary in found if canary.owner.startswith("protected")}
        assert leaked <= allowed, address


@pytest.mark.parametrize("who", ["case worker", "substitute"])
def test_is_not_counted_for_who_has_the_case_and_is_not_named(world, who):
    html = ask(world.clients[who], "get", reverse("start") + "?vy=alla").content.decode()

    assert re.search(r"Visar 1 av 1 personer", html)
    assert "kydda" not in html


def relations_page(world):
    address = reverse("relations", args=[world.persons["own"].public_id])
    return ask(world.clients["support contact"], "get", address).content


def history_page(world):
    address = reverse("history", args=[world.persons["own"].public_id])
    return ask(world.clients["support contact"], "get", address).content


def test_a_representative_who_is_marked_looks_as_one_who_was_closed_by_nobody_in_particular(world):
    relation = world.row(Relation, "own")
    assert relation.given_name in relations_page(world).decode()

    protection.mark(
        person=relation.representative,
        protection=Protection.CONFIDENTIALITY_MARKING,
        source=MarkingSource.IMPORT,
        reason="Står i registret",
        by=world.users["administrator"],
    )

    after = (relations_page(world) + history_page(world)).decode()
    assert relation.given_name not in after
    assert "kydda" not in after
    assert "Står i registret" not in after
    assert str(world.users["administrator"].email) not in after
    card = ask(world.clients["support contact"], "get", relation.get_absolute_url())
    assert "Åtkomsten är stängd." in card.content.decode()
    assert "kydda" not in card.content.decode()


def test_is_in_no_line_of_the_log(world, caplog):
    person = world.persons["protected"]
    named = world.clients["support contact"]

    for name in ("person", "history", "ask_for_decision"):
        ask(named, "get", reverse(name, args=[person.public_id]))
    named.post(reverse("reveal", args=[person.public_id, "namn"]), {"reason": "Ska ringa"})

    assert caplog.records
    assert not [c for c in world.texts.found_in(caplog.text) if c.owner.startswith("protected")]

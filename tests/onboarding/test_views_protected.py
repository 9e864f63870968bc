"""Protected data, for those who work with the person."""

from datetime import date

import pytest
from django.urls import reverse

from persons.models import AccessLogEntry, DecisionRequest, Person, PersonEvent
from persons.states import SwitchState
from tests.factories import ProtectionDecisionFactory, protect
from tests.onboarding.conftest import person_of
from tests.pages import Page, follow, open_page

Action = AccessLogEntry.Action


def address(name, person, *more):
    return reverse(name, args=[person.public_id, *more])


@pytest.fixture
def hidden(karin):
    return person_of(karin, given_name="Amina", family_name="Hemlig", protected=True)


@pytest.fixture
def decided(hidden):
    ProtectionDecisionFactory(person=hidden)
    return hidden


SECRETS = ("Amina", "Hemlig")


def secrets_in(page, person):
    html = page.response.content.decode()
    every = (*SECRETS, person.mobile, person.email, person.identity_number[2:8])
    return [secret for secret in every if secret in html]


class TestReveal:
    def test_asks_why_and_shows_nothing_yet(self, signed_in, hidden):
        page = open_page(signed_in, address("reveal", hidden, "namn"))

        assert page.heading == "Visa: Namn och personnummer"
        assert not secrets_in(page, hidden)

    def test_is_offered_beside_each_hidden_thing(self, signed_in, hidden):
        page = open_page(signed_in, hidden.get_absolute_url())

        assert page.link("Visa namn och personnummer") == address("reveal", hidden, "namn")
        assert page.link("VisaTelefon mobil") == address("reveal", hidden, "mobil")
        assert page.link("VisaE-postadress") == address("reveal", hidden, "epost")

    @pytest.mark.parametrize(
        ("what", "shown"),
        [
            ("namn", lambda p: ["Amina", "Hemlig", p.identity_number[2:8]]),
            ("mobil", lambda p: [p.mobile]),
            ("epost", lambda p: [p.email]),
        ],
    )
    def test_shows_what_was_asked_for_and_only_that(self, signed_in, hidden, what, shown):
        form = open_page(signed_in, address("reveal", hidden, what)).form("Visa uppgiften")

        page = Page(form.send(signed_in, reason="Ska ringa om mötet"))

        assert secrets_in(page, hidden) == shown(hidden)

    def test_is_over_on_the_next_page(self, signed_in, hidden):
        form = open_page(signed_in, address("reveal", hidden, "namn")).form("Visa uppgiften")
        form.send(signed_in, reason="Ska ringa om mötet")

        assert not secrets_in(open_page(signed_in, hidden.get_absolute_url()), hidden)

    def test_is_logged_with_the_reason(self, signed_in, hidden):
        form = open_page(signed_in, address("reveal", hidden, "mobil")).form("Visa uppgiften")
        form.send(signed_in, reason="Ska ringa om mötet")

        entry = AccessLogEntry.objects.get(action=Action.UNMASK)
        assert (entry.person, entry.reason) == (hidden, "Telefon mobil: Ska ringa om mötet")

    @pytest.mark.parametrize("reason", ["", "   ", "x" * 151])
    def test_needs_a_reason(self, signed_in, hidden, reason):
        form = open_page(signed_in, address("reveal", hidden, "namn")).form("Visa uppgiften")

        page = Page(form.send(signed_in, reason=reason))

        expected = (
            "Skriv kortare, högst 150 tecken."
            if reason.strip()
            else "Skriv varför du behöver se uppgiften."
        )
        assert page.errors() == {"id_reason": expected}
        assert page.error_at("id_reason") == expected
        assert not secrets_in(page, hidden)
        assert not AccessLogEntry.objects.filter(action=Action.UNMASK).exists()

    def test_knows_nothing_else_to_show(self, signed_in, hidden):
        response = signed_in.post(address("reveal", hidden, "allt"), {"reason": "Nyfiken"})

        assert response.status_code == 404

    def test_is_not_for_who_is_not_named(self, stranger, hidden):
        for method in (stranger.get, stranger.post):
            response = method(address("reveal", hidden, "namn"), {"reason": "Nyfiken"})
            assert response.status_code == 404
            assert b"Hemlig" not in response.content

    def test_has_no_way_round_by_the_button_of_others(self, signed_in, hidden):
        response = signed_in.post(address("reveal_number", hidden))

        assert response.status_code == 302
        assert response["Location"] == address("reveal", hidden, "namn")

    def test_is_not_asked_about_who_is_not_protected(self, signed_in, amina):
        response = signed_in.get(address("reveal", amina, "namn"))

        assert response["Location"] == amina.get_absolute_url()


class TestMarkProtected:
    def test_stops_everything_and_says_what_happens_next(self, signed_in, amina):
        form = open_page(signed_in, address("mark_protected", amina)).form("Markera")

        response = form.send(
            signed_in, protection="confidentiality_marking", reason="Personen visade intyget"
        )

        page = follow(signed_in, response)
        assert page.status.startswith("Personen är markerad, och allt är stoppat.")
        assert "Amina" not in page.response.content.decode()
        assert signed_in.get(amina.get_absolute_url()).status_code == 404
        assert PersonEvent.objects.get(kind="protection_marked").changes["source"][1] == "hand"

    def test_needs_to_know_which_and_how(self, signed_in, amina):
        form = open_page(signed_in, address("mark_protected", amina)).form("Markera")

        page = Page(form.send(signed_in))

        assert page.errors() == {
            "id_protection_0": "Välj vilken markering som gäller.",
            "id_reason": "Skriv hur du vet om markeringen.",
        }
        assert not Person.objects.protected().exists()

    def test_cannot_be_used_to_lift(self, signed_in, hidden):
        page = Page(
            signed_in.post(
                address("mark_protected", hidden), {"protection": "none", "reason": "Borta"}
            )
        )

        assert "id_protection_0" in page.errors()
        assert Person.objects.protected().exists()

    def test_is_hidden_from_others(self, stranger, amina):
        typed = {"protection": "unknown", "reason": "Nyfiken"}

        assert stranger.post(address("mark_protected", amina), typed).status_code == 404
        assert not Person.objects.protected().exists()


class TestAskForDecision:
    def test_gives_the_manager_a_question(self, signed_in, hidden, karin):
        form = open_page(signed_in, address("ask_for_decision", hidden)).form("Be om beslut")

        page = follow(signed_in, form.send(signed_in, reason="Vill ha kontakt digitalt"))

        asked = DecisionRequest.objects.get()
        assert (asked.person, asked.asked_by) == (hidden, karin)
        assert page.status.startswith("Enhetschefen har fått din fråga")
        assert "Enhetschefen tar ställning till e-tjänsten" in page.words

    def test_is_one_question_however_often_it_is_sent(self, signed_in, hidden):
        form = open_page(signed_in, address("ask_for_decision", hidden)).form("Be om beslut")

        for _again in range(2):
            form.send(signed_in, reason="Vill ha kontakt digitalt")

        assert DecisionRequest.objects.count() == 1
        assert PersonEvent.objects.filter(kind="decision_asked").count() == 1

    def test_needs_a_reason(self, signed_in, hidden):
        form = open_page(signed_in, address("ask_for_decision", hidden)).form("Be om beslut")

        page = Page(form.send(signed_in))

        assert page.errors() == {"id_reason": "Skriv varför personen behöver e-tjänsten."}
        assert not DecisionRequest.objects.exists()

    def test_is_not_asked_about_who_is_not_protected(self, signed_in, amina):
        signed_in.post(address("ask_for_decision", amina), {"reason": "Varför inte"})

        assert not DecisionRequest.objects.exists()


class TestSwitchOnByDecision:
    def test_asks_for_neither_number_nor_address(self, signed_in, decided):
        page = open_page(signed_in, address("switch_on", decided))

        assert page.heading == "Koppla på e-tjänsten"
        assert "Inget sms eller mejl skickas." in page.words
        assert not secrets_in(page, decided)
        assert not {"mobile", "notify_by_sms", "email", "read_by_others"} & set(
            page.form("Koppla på").values
        )

    def test_switches_on_without_notices(self, signed_in, decided):
        form = open_page(signed_in, address("switch_on", decided)).form("Koppla på")

        page = follow(signed_in, form.send(signed_in))

        account = Person.objects.get(pk=decided.pk).account
        assert (account.state, account.messages_enabled) == (SwitchState.PENDING, True)
        assert (account.notify_by_sms, account.notify_by_email) == (False, False)
        assert page.status.startswith("E-tjänsten är påkopplad för Skyddad person.")
        assert not secrets_in(page, decided)

    def test_keeps_what_is_known_of_number_and_address(self, signed_in, decided):
        before = (decided.mobile, decided.email)
        form = open_page(signed_in, address("switch_on", decided)).form("Koppla på")

        form.send(signed_in, notify_by_sms="on", mobile="070-174 06 99")

        person = Person.objects.get(pk=decided.pk)
        assert (person.mobile, person.email) == before
        assert not person.account.notify_by_sms

    def test_waits_for_the_day_of_the_decision(self, signed_in, hidden):
        ProtectionDecisionFactory(person=hidden, valid_from=date(2026, 11, 24))

        page = open_page(signed_in, address("switch_on", hidden))

        assert page.heading == "E-tjänsten kan inte kopplas på här"

    def test_is_refused_when_the_marking_arrives_under_way(self, signed_in, amina):
        form = open_page(signed_in, address("switch_on", amina)).form("Koppla på")
        protect(amina)

        page = Page(
            form.send(signed_in, mobile="070-174 06 11", read_by_others="no", wish_on="2026-11-23")
        )

        assert page.heading == "E-tjänsten kan inte kopplas på här"
        assert not Person.objects.get(pk=amina.pk).account.messages_enabled

    def test_writes_a_welcome_that_names_nobody(self, signed_in, decided, sheet):
        open_page(signed_in, address("switch_on", decided)).form("Koppla på").send(signed_in)

        page = open_page(signed_in, address("welcome", decided))

        assert page.form("Schemalägg").value("body").startswith("Hej!\n")
        assert not secrets_in(page, decided)


def test_no_page_of_a_protected_person_can_be_printed(signed_in, hidden):
    """The style for paper leaves one sentence, on every page that has the banner."""
    for name in ("person", "history", "relations", "switch_on", "ask_for_decision"):
        page = open_page(signed_in, address(name, hidden))

        assert "Den här sidan kan inte skrivas ut. Personen har skyddade personuppgifter." in (
            page.words
        )
        assert "Lämna inte ut namn, nummer, adress eller e-post utan prövning." in page.words
        assert page.title.endswith("– Meddelanden")

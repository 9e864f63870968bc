from datetime import date, datetime
from itertools import pairwise

import pytest
from django.urls import reverse

from messaging.notices.states import NoticeState
from persons.models import AccessLogEntry, PersonEvent
from tests.factories import MessageFactory, NoticeFactory, RelationFactory
from tests.onboarding.conftest import MONDAY, person_of
from tests.pages import Page, follow, open_page, words

Action = AccessLogEntry.Action


def details(page: Page) -> dict[str, str]:
    """The page's terms and what they say."""
    terms = [e for e in page.root.iter() if e.tag in {"dt", "dd"}]
    found: dict[str, str] = {}
    for term, value in pairwise(terms):
        if term.tag == "dt":
            found[words(term)] = words(value)
    return found


def steps(page: Page) -> list[str]:
    [listed] = list(page.root.iter("ol"))
    return [words(step) for step in listed if step.tag == "li"]


class TestPerson:
    def test_shows_who_it_is_and_how_the_person_is_reached(self, signed_in, karin):
        person = person_of(
            karin,
            given_name="Amina",
            family_name="Exempel",
            identity_number="199006022397",
            mobile="070-174 06 05",
            email="amina@exempel.se",
            interpreter="arabiska",
        )

        page = open_page(signed_in, person.get_absolute_url())

        assert page.heading == "Kom igång med e-tjänsten"
        assert "Amina Exempel 900602-XXXX" in page.words
        assert "36 år" in page.words
        assert "Tolk: arabiska" in page.words
        assert details(page) == {
            "Meddelande": "Av",
            "Notifiering via SMS": "Av",
            "Notifiering via e-post": "Av",
            "Telefon mobil": "070-174 06 05",
            "E-postadress": "amina@exempel.se",
            "Kan någon annan läsa sms eller mejl?": "Inte frågat",
            "Språk i meddelanden": "Svenska, tolk: arabiska",
        }

    def test_shows_the_four_steps_and_leads_to_the_first(self, signed_in, amina):
        page = open_page(signed_in, amina.get_absolute_url())

        assert "0 av 4 klara. Nästa: Koppla på e-tjänsten. Ansvarig: du." in page.words
        assert [step.rsplit(".", 1)[1].strip() for step in steps(page)] == [
            "Inte påbörjad", "Kan inte göras än", "Inte påbörjad", "Kan inte göras än"
        ]  # fmt: skip
        assert page.link("Koppla på e-tjänsten") == reverse("switch_on", args=[amina.public_id])

    def test_shows_what_became_of_the_welcome(self, signed_in, karin):
        person = person_of(karin, account__active=True)
        moment = datetime(2026, 11, 23, 9, 0, tzinfo=MONDAY.tzinfo)
        MessageFactory(person=person, readable=True, readable_at=moment, written_by=karin)
        NoticeFactory(person=person, delivered=True, settled_at=moment)
        NoticeFactory(person=person, email=True, state=NoticeState.SENT)

        page = open_page(signed_in, person.get_absolute_url())

        welcome = steps(page)[1]
        assert "Klart: Meddelandet finns i inkorgen" in welcome
        assert "Klart: Sms levererat 23 november kl. 09.00" in welcome
        assert "Klart: Mejl skickat" in welcome
        assert "Väntar: Väntar på första inloggning" in welcome
        assert welcome.endswith("Klar")

    def test_says_the_true_date_from_which_the_service_can_be_used(self, signed_in, karin):
        person = person_of(karin, account__pending=True)

        page = open_page(signed_in, person.get_absolute_url())

        promise = "Kan användas från och med i morgon, tisdag 24 november"
        assert promise in steps(page)[0]

    def test_tells_what_did_not_arrive(self, signed_in, karin):
        person = person_of(karin, account__active=True)
        MessageFactory(person=person, readable=True, written_by=karin)
        NoticeFactory(person=person, undelivered=True)

        page = open_page(signed_in, person.get_absolute_url())

        assert "Nästa: Rätta mobilnumret. Ansvarig: du." in page.words
        assert page.link("Rätta mobilnumret") == reverse("change_details", args=[person.public_id])
        assert steps(page)[1].endswith("Åtgärda")

    def test_is_hidden_from_a_colleague_without_the_case(self, stranger, amina):
        response = stranger.get(amina.get_absolute_url())

        assert response.status_code == 404
        assert "Amina" not in response.content.decode()
        assert AccessLogEntry.objects.get().refused

    def test_is_written_to_the_access_log(self, signed_in, amina, karin):
        open_page(signed_in, amina.get_absolute_url())

        [entry] = AccessLogEntry.objects.all()
        assert (entry.action, entry.person, entry.user) == (Action.VIEW, amina, karin)
        assert entry.view == "person"

    @pytest.mark.parametrize("relatives", [2, 40])
    def test_asks_as_few_questions_however_much_there_is(
        self, signed_in, karin, relatives, django_assert_max_num_queries
    ):
        person = person_of(karin, account__active=True)
        MessageFactory(person=person, readable=True, written_by=karin)
        for _ in range(relatives):
            RelationFactory(principal=person, active=True, created_by=karin)
            NoticeFactory(person=person, delivered=True)
            person_of(karin)

        with django_assert_max_num_queries(8):
            open_page(signed_in, person.get_absolute_url())


class TestProtectedPerson:
    @pytest.fixture
    def hidden(self, karin):
        return person_of(karin, given_name="Amina", family_name="Hemlig", protected=True)

    def test_is_shown_without_name_and_contact_details(self, signed_in, hidden):
        page = open_page(signed_in, hidden.get_absolute_url())

        assert "Skyddad person" in page.words
        assert "Sekretessmarkering." in page.words
        assert details(page)["Telefon mobil"] == "Dolt"
        secrets = ("Amina", "Hemlig", hidden.mobile, hidden.email, hidden.identity_number[2:8])
        for secret in secrets:
            assert secret not in page.response.content.decode()

    def test_is_not_switched_on(self, signed_in, hidden):
        page = open_page(signed_in, reverse("switch_on", args=[hidden.public_id]))

        assert page.heading == "E-tjänsten kan inte kopplas på här"
        assert "Enhetschefen måste besluta innan e-tjänsten kopplas på." in page.words
        assert "Amina" not in page.response.content.decode()

    def test_offers_no_step_that_is_closed(self, signed_in, hidden):
        page = open_page(signed_in, hidden.get_absolute_url())

        assert all(step.endswith("Kan inte göras än") for step in steps(page))
        assert not [e for e in page.root.iter("a") if "koppla-pa" in e.get("href", "")]


class TestRevealNumber:
    def test_shows_the_whole_number_until_the_next_page(self, signed_in, amina):
        page = open_page(signed_in, amina.get_absolute_url())
        assert amina.shown_number not in page.words

        shown = Page(page.form("Visa").send(signed_in))

        assert amina.shown_number in shown.words
        assert amina.shown_number not in open_page(signed_in, amina.get_absolute_url()).words
        assert AccessLogEntry.objects.filter(action=Action.UNMASK, person=amina).count() == 1

    def test_is_no_address_to_open(self, signed_in, amina):
        """Else a link would be enough to reveal it, and to have it in the browser's history."""
        response = signed_in.get(reverse("reveal_number", args=[amina.public_id]))

        assert amina.shown_number not in response.content.decode()
        assert not AccessLogEntry.objects.filter(action=Action.UNMASK).exists()


class TestHistory:
    def test_tells_who_did_what_and_when_with_the_latest_first(self, signed_in, amina, karin):
        at = datetime(2026, 11, 20, 9, 1, tzinfo=MONDAY.tzinfo)
        PersonEvent.objects.create(person=amina, by=karin, kind="switched_on", at=at)
        PersonEvent.objects.create(person=amina, by=None, kind="became_usable", at=MONDAY)

        page = open_page(signed_in, reverse("history", args=[amina.public_id]))

        [body] = list(page.root.iter("tbody"))
        assert [words(row) for row in body.iter("tr")] == [
            "23 november kl. 10.42 Systemet Synkades. E-tjänsten kan användas",
            "20 november kl. 09.01 Karin Ek Kopplade på e-tjänsten",
        ]

    def test_names_the_year_when_it_is_another(self, signed_in, amina):
        at = datetime(2025, 12, 31, 23, 59, tzinfo=MONDAY.tzinfo)
        PersonEvent.objects.create(person=amina, kind="switched_on", at=at)

        page = open_page(signed_in, reverse("history", args=[amina.public_id]))

        assert "31 december 2025 kl. 23.59" in page.words

    def test_says_that_there_is_none(self, signed_in, amina):
        page = open_page(signed_in, reverse("history", args=[amina.public_id]))

        assert "Ingen historik ännu." in page.words

    def test_is_hidden_from_others(self, stranger, amina):
        address = reverse("history", args=[amina.public_id])

        assert stranger.get(address).status_code == 404


class TestDeceasedPerson:
    def test_is_said_to_be_on_every_page(self, signed_in, karin):
        person = person_of(karin, deceased_on=date(2026, 11, 20))

        for name in ("person", "switch_on", "relations", "history"):
            page = open_page(signed_in, reverse(name, args=[person.public_id]))
            assert "Avliden" in page.words

    def test_has_no_step_to_take(self, signed_in, karin):
        """Nobody is asked to switch on, to write to or to follow up someone who has died."""
        person = person_of(karin, deceased_on=date(2026, 11, 20))

        page = open_page(signed_in, person.get_absolute_url())

        assert "Nästa:" not in page.words
        assert all(step.endswith("Kan inte göras än") for step in steps(page))
        listed = open_page(signed_in, reverse("start") + "?vy=alla")
        assert "Personen är avliden Avslutad" in listed.words

    def test_is_switched_off_by_whoever_has_the_case(self, signed_in, karin):
        person = person_of(karin, account__active=True, deceased_on=date(2026, 11, 20))

        page = open_page(signed_in, person.get_absolute_url())

        assert "Nästa: Stäng av e-tjänsten. Ansvarig: du." in page.words
        stop = open_page(signed_in, page.link("Stäng av e-tjänsten"))
        follow(signed_in, stop.form("Stäng av e-tjänsten").send(signed_in))
        assert "Nästa:" not in open_page(signed_in, person.get_absolute_url()).words

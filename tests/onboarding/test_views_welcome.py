from typing import Any

import pytest
from django.urls import reverse

from messaging.inbox import actions
from messaging.inbox.models import Message
from messaging.notices.models import Notice
from messaging.notices.states import NoticeState
from persons.models import EServiceAccount, Person, PersonEvent
from relations.models import Role as RelationRole
from staff.models import Role
from tests.factories import (
    MessageFactory,
    NoticeFactory,
    RelationFactory,
    UserFactory,
    protect,
)
from tests.onboarding.conftest import MONDAY, person_of
from tests.pages import Form, Page, follow, open_page, words

pytestmark = pytest.mark.usefixtures("sheet")

State = Message.State
SAVE = "Schemalägg välkomstmeddelandet"


def address(person: Person, name: str = "welcome") -> str:
    return reverse(name, args=[person.public_id])


def rows() -> list[dict[str, Any]]:
    return [*Message.objects.values(), *Notice.objects.values(), *PersonEvent.objects.values()]


@pytest.fixture
def switched_on(karin) -> Person:
    """Waits for the night."""
    return person_of(karin, account__pending=True, mobile="070-174 06 05")


@pytest.fixture
def scheduled(switched_on, karin) -> Message:
    return MessageFactory(person=switched_on, written_by=karin)


def form_of(client, person: Person, button: str = SAVE) -> Form:
    return open_page(client, address(person)).form(button)


class TestWelcome:
    def test_begins_with_a_text_that_is_filled_in(self, signed_in, switched_on):
        form = form_of(signed_in, switched_on)

        assert form.value("subject") == "Välkommen till e-tjänsten Meddelanden"
        body = form.value("body")
        assert body.startswith("Hej Amina!")
        assert "Du får ett sms när det har kommit något nytt." in body
        assert body.endswith("Karin Ek\nKontaktperson, telefon 0121-181 10")

    def test_asks_about_no_good_man_when_the_one_there_is_has_been_added(
        self, signed_in, switched_on
    ):
        RelationFactory(principal=switched_on, role=RelationRole.GOOD_MAN, pending=True)

        body = form_of(signed_in, switched_on).value("body")

        assert "Det kan vara en närstående. Hör av dig" in body

    def test_shows_what_will_leave_the_house(self, signed_in, switched_on, sheet):
        page = open_page(signed_in, address(switched_on))

        assert "Hej Amina!" in words(page.by_id("preview"))
        assert "Inget mejl skickas. Personen har inte den kanalen." in page.words
        assert "är nu öppen för dig" in page.words
        assert "Så loggar du in" in page.words
        assert page.link("Informationsblad, svenska (PDF, 1 sida)") == sheet.get_absolute_url()

    def test_is_scheduled_for_the_first_morning_on_which_it_can_be_read(
        self, signed_in, switched_on, karin
    ):
        typed = {"subject": "Hej", "body": "Hej Amina!\n\nNu är det klart."}

        page = follow(signed_in, form_of(signed_in, switched_on).send(signed_in, **typed))

        message = Message.objects.get()
        assert (message.subject, message.body.split()) == ("Hej", typed["body"].split())
        assert (message.state, message.written_by) == (State.SCHEDULED, karin)
        assert page.address == switched_on.get_absolute_url()
        assert page.status.startswith(
            "Välkomstmeddelandet är schemalagt. Det skickas i morgon, tisdag 24 november kl. "
            "09.00. Sms skickas till 070-174 06 05. Du kan ändra eller stoppa det fram till dess."
        )
        assert "Skickas i morgon, tisdag 24 november kl. 09.00" in page.words

    def test_is_not_sent_before_the_service_can_be_used(self, signed_in, switched_on):
        follow(signed_in, form_of(signed_in, switched_on).send(signed_in))

        assert actions.release_due(now=MONDAY) == 0
        assert not Notice.objects.exists()

    def test_is_sent_when_the_service_can_be_used(self, signed_in, karin):
        person = person_of(karin, account__active=True)
        page = open_page(signed_in, address(person))
        assert "Meddelandet skickas så snart du har tryckt på knappen." in page.words

        after = follow(signed_in, page.form("Skicka välkomstmeddelandet").send(signed_in))

        assert after.status.startswith("Välkomstmeddelandet skickas nu.")
        assert actions.release_due(now=MONDAY) == 1

    def test_keeps_a_thousand_words_as_they_were_written(self, signed_in, switched_on):
        text = "  Hej!\n\n\tRad två & <b>tre</b> 🌲 يا\n" + "ord " * 1000 + "slut"

        follow(signed_in, form_of(signed_in, switched_on).send(signed_in, body=text))

        kept = Message.objects.get().body.replace("\r\n", "\n")
        assert kept == text.strip()

    def test_cannot_be_written_before_the_service_is_on(self, signed_in, amina):
        page = follow(signed_in, signed_in.get(address(amina)))

        assert page.status.startswith("Det går att skriva när e-tjänsten är påkopplad.")

    def test_is_hidden_from_others(self, stranger, switched_on):
        typed = {"subject": "x", "body": "x", "submission": "x", "version": "0"}

        assert stranger.get(address(switched_on)).status_code == 404
        assert stranger.post(address(switched_on), typed).status_code == 404
        assert stranger.post(address(switched_on, "stop_welcome")).status_code == 404


class TestLanguage:
    def test_is_the_persons_in_the_text_the_notice_and_the_sheet(self, signed_in, switched_on):
        Person.objects.filter(pk=switched_on.pk).update(language="sv-simple")

        page = open_page(signed_in, address(switched_on))
        page.form(SAVE).send(signed_in)

        assert "Texten är på lätt svenska, som personen läser." in page.words
        assert "Informationsblad, lätt svenska (PDF, 1 sida)" in page.words
        message = Message.objects.get()
        assert "Meddelanden är en e-tjänst." in message.body
        assert message.sheet.language == "sv-simple"

    def test_is_swedish_where_nobody_has_approved_a_text_and_the_page_says_so(
        self, signed_in, switched_on
    ):
        Person.objects.filter(pk=switched_on.pk).update(language="so")

        page = open_page(signed_in, address(switched_on))

        assert "Personen läser somaliska." in page.words
        assert "så den är på svenska" in page.words
        assert page.form(SAVE).value("body").startswith("Hej Amina!")


class TestPreview:
    HTMX = {"HX-Request": "true", "HX-Target": "preview"}

    def test_is_the_part_of_the_page_that_htmx_asks_for(self, signed_in, switched_on):
        form = form_of(signed_in, switched_on)

        typed = form.values | {"body": "Hej du!", "preview": "1"}
        response = signed_in.post(address(switched_on), typed, headers=self.HTMX)

        html = response.content.decode()
        assert 'id="preview"' in html[: html.index(">")]
        assert "Hej du!" in html
        assert "<form" not in html
        assert "<html" not in html
        assert {"HX-Request", "HX-Target"} <= set(response["Vary"].split(", "))

    def test_is_the_whole_page_with_everything_typed_without_htmx(self, signed_in, switched_on):
        page = open_page(signed_in, address(switched_on))

        form = page.form("Uppdatera förhandsvisningen")
        shown = Page(form.send(signed_in, subject="Hej", body="Hej du!"))

        assert "Hej du!" in words(shown.by_id("preview"))
        assert shown.form(SAVE).value("subject") == "Hej"
        assert shown.form(SAVE).value("submission") == form.value("submission")

    def test_saves_nothing(self, signed_in, switched_on):
        form = open_page(signed_in, address(switched_on)).form("Uppdatera")

        form.send(signed_in, body="Hej du!")

        assert rows() == []

    def test_complains_of_nothing_yet(self, signed_in, switched_on):
        form = open_page(signed_in, address(switched_on)).form("Uppdatera")

        page = Page(form.send(signed_in, subject="", body=""))

        assert page.errors() == {}
        assert not page.title.startswith("Fel:")

    def test_is_safe_from_what_is_typed(self, signed_in, switched_on):
        form = open_page(signed_in, address(switched_on)).form("Uppdatera")

        response = form.send(signed_in, subject="<script>x</script>", body="{{ 7|add:7 }}<b>")

        html = response.content.decode()
        assert "<script>x" not in html
        assert "{{ 7|add:7 }}&lt;b&gt;" in html


class TestUnfilled:
    """Who writes under it has given no telephone."""

    ADVICE = (
        "Ditt telefonnummer saknas. Skriv det i stället för {avsändarens telefon}. Lägg också in "
        "det under Mina inställningar, så finns det med nästa gång."
    )

    @pytest.fixture(autouse=True)
    def without_telephone(self, karin):
        karin.phone = ""
        karin.save()

    def test_is_told_at_the_field_and_all_that_was_typed_is_kept(self, signed_in, switched_on):
        form = form_of(signed_in, switched_on)
        body = "Mina egna ord\n" + form.value("body")

        page = Page(form.send(signed_in, subject="Hej {vem}", body=body))

        what_to_do = "Skriv det som ska stå i stället för {vem}, eller ta bort det."
        assert page.errors() == {"id_subject": what_to_do, "id_body": self.ADVICE}
        assert page.error_at("id_body") == self.ADVICE
        assert page.form(SAVE).value("subject") == "Hej {vem}"
        assert page.form(SAVE).value("body").startswith("Mina egna ord")
        assert rows() == []

    def test_is_filled_in_when_the_telephone_has_been_given_meanwhile(
        self, signed_in, switched_on, karin
    ):
        form = form_of(signed_in, switched_on)
        karin.phone = "0121-181 10"
        karin.save()

        follow(signed_in, form.send(signed_in))

        assert Message.objects.get().body.endswith("Kontaktperson, telefon 0121-181 10")

    def test_is_told_when_a_subject_becomes_too_long(self, signed_in, switched_on, karin):
        karin.first_name = "Karin Margareta Elisabeth"
        karin.save()
        subject = "x" * 82 + "{avsändarens namn}"

        page = Page(form_of(signed_in, switched_on).send(signed_in, subject=subject, body="Hej"))

        assert page.errors() == {"id_subject": "Ämnet får ha högst 100 tecken. Korta ner det."}


class TestMistakes:
    MISTAKES = [
        ({"subject": ""}, "id_subject", "Skriv ett ämne."),
        ({"subject": "   "}, "id_subject", "Skriv ett ämne."),
        ({"subject": "x" * 101}, "id_subject", "Ämnet får ha högst 100 tecken. Korta ner det."),
        ({"body": ""}, "id_body", "Skriv ett meddelande."),
        (
            {"body": "x" * 8001},
            "id_body",
            "Meddelandet får ha högst 8 000 tecken. Korta ner det.",
        ),
    ]

    @pytest.mark.parametrize(("mistake", "target", "text"), MISTAKES)
    def test_are_told_at_the_field_and_in_the_summary(
        self, signed_in, switched_on, mistake, target, text
    ):
        page = Page(form_of(signed_in, switched_on).send(signed_in, **mistake))

        assert page.errors() == {target: text}
        assert page.error_at(target) == text
        assert page.title.startswith("Fel: Skriv välkomstmeddelande")
        assert rows() == []

    @pytest.mark.parametrize(("mistake", "target", "text"), MISTAKES)
    def test_cost_nothing_of_what_was_typed(self, signed_in, switched_on, mistake, target, text):
        sent = form_of(signed_in, switched_on)
        typed = {"subject": "Mitt ämne", "body": "Min text"} | mistake

        kept = Page(sent.send(signed_in, **typed)).form(SAVE)

        for name in ("subject", "body"):
            assert kept.value(name) == typed[name]
        assert kept.value("submission") == sent.value("submission")

    @pytest.mark.parametrize(
        "hidden", [{"submission": "x"}, {"submission": ""}, {"version": "x"}, {"version": ""}]
    )
    def test_in_what_nobody_typed_change_nothing(self, signed_in, switched_on, hidden):
        response = form_of(signed_in, switched_on).send(signed_in, **hidden)

        assert response.status_code == 200
        assert rows() == []


class TestTwice:
    def test_is_one_welcome_when_the_same_form_is_sent_again(self, signed_in, switched_on):
        form = form_of(signed_in, switched_on)
        follow(signed_in, form.send(signed_in))
        once = rows()

        follow(signed_in, form.send(signed_in))

        assert rows() == once

    def test_is_one_welcome_from_two_windows(self, signed_in, switched_on):
        one, other = form_of(signed_in, switched_on), form_of(signed_in, switched_on)
        follow(signed_in, one.send(signed_in))
        once = rows()

        page = follow(signed_in, other.send(signed_in))

        assert rows() == once
        assert page.status.startswith(
            "Karin Ek schemalade ett välkomstmeddelande 23 november kl. 10.42. Det skickas en gång."
        )

    def test_loses_no_text_that_was_written_in_two_windows(self, signed_in, switched_on):
        one, other = form_of(signed_in, switched_on), form_of(signed_in, switched_on)
        follow(signed_in, one.send(signed_in, body="Den första"))

        page = Page(other.send(signed_in, body="Den andra"))

        assert page.response.status_code == 409
        assert "Meddelande Den andra Den första" in page.words
        assert Message.objects.get().body == "Den första"
        follow(signed_in, page.form("Spara mina värden").send(signed_in))
        assert Message.objects.get().body == "Den andra"

    def test_is_one_stop(self, signed_in, scheduled):
        stop = form_of(signed_in, scheduled.person, "Stoppa")
        follow(signed_in, stop.send(signed_in))
        once = rows()

        page = follow(signed_in, stop.send(signed_in))

        assert rows() == once
        assert page.status.startswith("Välkomstmeddelandet är redan stoppat.")


class TestChange:
    SAVE = "Spara ändringarna"

    def test_replaces_the_text_until_it_is_sent(self, signed_in, scheduled):
        form = form_of(signed_in, scheduled.person, self.SAVE)
        assert form.value("body") == scheduled.body

        follow(signed_in, form.send(signed_in, body="Ny text"))

        scheduled.refresh_from_db()
        assert (scheduled.body, scheduled.version) == ("Ny text", 2)
        assert Message.objects.count() == 1

    def test_of_nothing_is_no_change(self, signed_in, scheduled):
        follow(signed_in, form_of(signed_in, scheduled.person, self.SAVE).send(signed_in))

        assert not PersonEvent.objects.exists()

    def test_is_refused_when_it_has_been_sent_meanwhile(self, signed_in, scheduled):
        form = form_of(signed_in, scheduled.person, self.SAVE)
        Message.objects.filter(pk=scheduled.pk).update(state=State.READABLE, readable_at=MONDAY)

        response = form.send(signed_in, body="Ny text")

        page = Page(response)
        assert page.heading == "Välkomstmeddelande"
        assert page.status.startswith("Meddelandet är redan skickat. Det skickades en gång.")
        assert "finns i inkorgen sedan 23 november kl. 10.42" in page.words
        scheduled.refresh_from_db()
        assert scheduled.body == "Hej Amina!"

    def test_does_not_bring_back_what_was_stopped_in_another_window(self, signed_in, scheduled):
        form = form_of(signed_in, scheduled.person, self.SAVE)
        actions.stop_welcome(message=scheduled, by=scheduled.written_by)

        page = Page(form.send(signed_in, body="Ny text"))

        assert page.response.status_code == 409
        assert "Ny text" in page.words
        scheduled.refresh_from_db()
        assert (scheduled.state, scheduled.body) == (State.STOPPED, "Hej Amina!")

    def test_can_be_written_again_after_it_was_stopped(self, signed_in, scheduled):
        form = form_of(signed_in, scheduled.person, self.SAVE)
        actions.stop_welcome(message=scheduled, by=scheduled.written_by)
        stopped = Page(form.send(signed_in, body="Ny text"))

        follow(signed_in, stopped.form("Spara mina värden").send(signed_in))

        new = Message.objects.welcomes().get()
        assert (new.body, new.state) == ("Ny text", State.SCHEDULED)
        assert new.pk != scheduled.pk


class TestConflict:
    @pytest.fixture
    def stopped(self, signed_in, scheduled) -> Page:
        """Erik changed the text while Karin had it open."""
        old = form_of(signed_in, scheduled.person, "Spara ändringarna")
        erik = UserFactory(role=Role.CASE_WORKER, first_name="Erik", last_name="Lind")
        scheduled.person.cases.update(case_worker=erik)
        text = {"subject": scheduled.subject, "body": "Eriks text"}
        actions.change_welcome(message=scheduled, seen_version=1, by=erik, **text)
        return Page(old.send(signed_in, body="Karins text"))

    def test_is_stopped_with_both_texts(self, stopped, scheduled):
        assert stopped.response.status_code == 409
        assert stopped.heading == "Uppgifterna har ändrats"
        assert "Erik Lind ändrade" in stopped.words
        assert "Meddelande Karins text Eriks text" in stopped.words
        scheduled.refresh_from_db()
        assert scheduled.body == "Eriks text"

    def test_saves_ones_own_text_when_one_says_so(self, stopped, signed_in, scheduled):
        follow(signed_in, stopped.form("Spara mina värden").send(signed_in))

        scheduled.refresh_from_db()
        assert (scheduled.body, scheduled.version) == ("Karins text", 3)


class TestStop:
    def test_takes_back_what_has_not_gone_out(self, signed_in, scheduled):
        page = open_page(signed_in, address(scheduled.person))

        after = follow(signed_in, page.form("Stoppa").send(signed_in))

        scheduled.refresh_from_db()
        assert scheduled.state == State.STOPPED
        assert after.status.startswith("Välkomstmeddelandet är stoppat. Inget skickas.")
        assert actions.release_due(now=MONDAY) == 0

    def test_is_too_late_when_it_has_been_sent(self, signed_in, scheduled):
        stop = form_of(signed_in, scheduled.person, "Stoppa")
        Message.objects.filter(pk=scheduled.pk).update(state=State.READABLE, readable_at=MONDAY)

        page = follow(signed_in, stop.send(signed_in))

        assert "Meddelandet är redan skickat. Det går inte att stoppa." in page.status

    def test_leaves_room_for_a_new_one(self, signed_in, scheduled):
        follow(signed_in, form_of(signed_in, scheduled.person, "Stoppa").send(signed_in))

        follow(signed_in, form_of(signed_in, scheduled.person).send(signed_in))

        assert Message.objects.welcomes().count() == 1

    def test_is_not_undone_by_sending_the_first_form_again(self, signed_in, switched_on):
        """The browser's back button still has it."""
        first = form_of(signed_in, switched_on)
        follow(signed_in, first.send(signed_in))
        follow(signed_in, form_of(signed_in, switched_on, "Stoppa").send(signed_in))

        response = first.send(signed_in)

        assert response.status_code == 409
        assert not Message.objects.welcomes().exists()


class TestSent:
    def test_shows_what_was_sent_and_what_became_of_it(self, signed_in, karin, sheet):
        person = person_of(karin, account__active=True)
        facts = {"readable": True, "readable_at": MONDAY, "sheet": sheet, "written_by": karin}
        MessageFactory(person=person, body="Hej Amina!\nVälkommen.", **facts)
        NoticeFactory(person=person, delivered=True, settled_at=MONDAY)
        NoticeFactory(person=person, email=True, state=NoticeState.FAILED, last_code="550")

        page = open_page(signed_in, address(person))

        assert "Karin Ek, finns i inkorgen sedan 23 november kl. 10.42" in page.words
        assert "Sms levererat 23 november kl. 10.42" in page.words
        assert "E-postadressen finns inte" in page.words
        assert "Hej Amina! Välkommen." in page.words
        assert page.link("Informationsblad, svenska") == sheet.get_absolute_url()


class TestProtected:
    def test_is_sent_nothing_by_an_old_form(self, signed_in, switched_on):
        form = form_of(signed_in, switched_on)
        protect(switched_on)

        page = follow(signed_in, form.send(signed_in))

        assert rows() == []
        assert "Amina" not in page.response.content.decode()

    def test_is_sent_nothing_that_was_scheduled_before(self, signed_in, scheduled):
        protect(scheduled.person)
        EServiceAccount.objects.update(state="active", usable_from=MONDAY.date())

        assert actions.release_due(now=MONDAY) == 0


class TestDeceased:
    def test_is_sent_nothing_by_an_old_form(self, signed_in, switched_on):
        form = form_of(signed_in, switched_on)
        Person.objects.filter(pk=switched_on.pk).update(deceased_on=MONDAY.date())

        follow(signed_in, form.send(signed_in))

        assert rows() == []

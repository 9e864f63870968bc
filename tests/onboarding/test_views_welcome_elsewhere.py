"""Step 2 where the case system has no interface: copied there, confirmed here, told by us."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from messaging.inbox import actions as inbox
from messaging.inbox.models import Message
from messaging.notices.models import Notice
from messaging.sync import run
from onboarding import boxes, checklist, facts, next_step
from onboarding.next_step import Tag
from persons.models import Case, Person
from tests.factories import MessageFactory
from tests.onboarding.conftest import person_of
from tests.pages import Page, follow, open_page

pytestmark = pytest.mark.usefixtures("sheet")

NIGHT = datetime(2026, 11, 24, 3, 30, tzinfo=ZoneInfo("Europe/Stockholm"))
NINE = NIGHT.replace(hour=9, minute=0)
CONFIRM = "Det är skrivet i Lifecare"


@pytest.fixture(autouse=True)
def by_hand(settings):
    settings.SYNC_GATEWAY = "messaging.sync.gateways.manual.Gateway"


@pytest.fixture
def waits(karin) -> Person:
    """Switched on; nobody has ticked the boxes in Lifecare yet."""
    return person_of(karin, account__pending=True, mobile="070-174 06 05")


@pytest.fixture
def ticked(waits, karin) -> Person:
    boxes.confirm(row=waits.account, seen_version=1, by=karin)
    return waits


def address(person: Person, name: str = "welcome") -> str:
    return reverse(name, args=[person.public_id])


def confirm(client, person: Person, **typed: str) -> Page:
    return follow(client, open_page(client, address(person)).form(CONFIRM).send(client, **typed))


def facts_of(person: Person) -> facts.Facts:
    [found] = facts.load(Case.objects.filter(person=person))
    return found


def step_2(person: Person) -> checklist.Step:
    return checklist.build(facts_of(person)).steps[1]


class TestBeforeTheBoxesAreTicked:
    def test_says_what_comes_first_and_names_no_date(self, signed_in, waits):
        page = follow(signed_in, signed_in.get(address(waits)))

        assert page.status.startswith("Det går att skriva när rutorna är bekräftade i Lifecare.")
        assert step_2(waits).status == "Kan inte göras än"
        assert next_step.find(facts_of(waits)).text == "Ändra rutorna i Lifecare och bekräfta"
        assert step_2(waits).hint.startswith("Skrivs i Lifecare när rutorna där är bekräftade.")

    def test_cannot_be_confirmed(self, signed_in, waits):
        typed = {"subject": "Hej", "body": "Hej", "version": "0",
                 "submission": "6dd1b4a0-6f3c-4a52-9f0c-0a4de6b6a001"}  # fmt: skip

        follow(signed_in, signed_in.post(address(waits), typed))

        assert not Message.objects.exists()

    def test_is_refused_when_they_are_changed_while_somebody_writes(self, waits, karin, ticked):
        waits.account.refresh_from_db()
        waits.account.move("pending", notify_by_email=True)

        with pytest.raises(inbox.NotTicked):
            inbox.schedule_welcome(
                person=waits, subject="Hej", body="Hej", submission=waits.public_id, by=karin
            )


class TestTheText:
    def test_is_there_to_copy_in_the_persons_language(self, signed_in, ticked):
        Person.objects.filter(pk=ticked.pk).update(language="sv-simple")

        page = open_page(signed_in, address(ticked))

        form = page.form(CONFIRM)
        assert form.value("subject")
        assert "Meddelanden är en e-tjänst." in form.value("body")
        assert page.heading == "Skriv välkomstmeddelandet i Lifecare"

    def test_comes_with_the_sheet_under_its_neutral_name(self, signed_in, ticked, sheet):
        page = open_page(signed_in, address(ticked))

        address_of_sheet = page.link("Hämta informationsbladet, svenska (PDF, 1 sida)")
        assert address_of_sheet == sheet.get_absolute_url()
        assert 'download="informationsblad-meddelanden.pdf"' in page.response.content.decode()

    def test_with_something_left_to_fill_in_is_kept_and_not_confirmed(self, signed_in, ticked):
        form = open_page(signed_in, address(ticked)).form(CONFIRM)

        page = Page(form.send(signed_in, body="Ring {något} och mig"))

        assert "{något}" in page.error_at("id_body")
        assert page.form(CONFIRM).value("body") == "Ring {något} och mig"
        assert not Message.objects.exists()


class TestConfirming:
    def test_is_stored_with_who_and_when_and_counts_as_sent(self, signed_in, ticked, karin):
        page = confirm(signed_in, ticked, subject="Hej", body="Hej Amina!")

        message = Message.objects.get()
        assert (message.written_elsewhere, message.written_by, message.body) == (
            True, karin, "Hej Amina!",
        )  # fmt: skip
        assert ticked.events.get(kind="welcome_confirmed").by == karin
        assert page.status.startswith(
            "Noterat: välkomstmeddelandet är skrivet i Lifecare. "
            "Sms skickas i morgon, tisdag 24 november kl. 09.00."
        )
        step = step_2(ticked)
        assert step.tag == Tag.DONE
        assert [wait.text for wait in step.waits] == [
            "Meddelandet är skrivet i Lifecare",
            "Sms skickas i morgon, tisdag 24 november kl. 09.00",
        ]
        following = next_step.find(facts_of(ticked))
        assert (following.tag, following.why) == (
            Tag.WAITING, "Välkomstmeddelandet är skrivet i Lifecare",
        )  # fmt: skip

    def test_twice_is_once(self, signed_in, ticked):
        form = open_page(signed_in, address(ticked)).form(CONFIRM)
        follow(signed_in, form.send(signed_in))

        page = follow(signed_in, form.send(signed_in))

        assert "Karin Ek bekräftade 23 november kl. 10.42" in page.status
        assert Message.objects.count() == 1
        assert ticked.events.filter(kind="welcome_confirmed").count() == 1

    def test_lets_the_notices_out_on_the_first_usable_day(self, signed_in, ticked, monday):
        confirm(signed_in, ticked)
        monday.move_to(NIGHT)
        run.run()
        assert inbox.release_due(now=NIGHT) == 0

        monday.move_to(NINE)

        assert inbox.release_due(now=NINE) == 1
        assert inbox.release_due(now=NINE) == 0
        assert Notice.objects.get().channel == "sms"
        assert ticked.events.filter(kind="welcome_told").exists()
        assert step_2(ticked).waits[0].text == "Meddelandet är skrivet i Lifecare"

    def test_promises_nothing_again_when_the_boxes_change_afterwards(self, signed_in, ticked):
        confirm(signed_in, ticked)
        ticked.account.refresh_from_db()
        ticked.account.move("pending", notify_by_email=True)

        assert step_2(ticked).waits[1].text == "Skickas när rutorna är bekräftade i Lifecare"

    @pytest.mark.parametrize(
        ("sms", "email", "told"),
        [
            (True, True, "Sms och mejl skickas i morgon"),
            (False, True, "Mejl skickas i morgon"),
            (False, False, "Inget sms eller mejl skickas."),
        ],
    )
    def test_says_what_is_sent_and_nothing_else(self, signed_in, ticked, sms, email, told):
        type(ticked.account).objects.update(notify_by_sms=sms, notify_by_email=email)

        assert told in open_page(signed_in, address(ticked)).words


class TestUndoing:
    def test_takes_the_confirmation_back_and_nothing_is_sent(self, signed_in, ticked, monday):
        page = confirm(signed_in, ticked)

        after = follow(signed_in, page.form("Ångra").send(signed_in))

        assert after.status.startswith("Ångrat. Inget sms eller mejl skickas.")
        assert ticked.events.filter(kind="welcome_unconfirmed").count() == 1
        assert step_2(ticked).tag == Tag.NOT_STARTED
        monday.move_to(NINE)
        assert inbox.release_due(now=NINE) == 0

    def test_is_possible_on_the_page_until_the_notices_have_gone(self, signed_in, karin):
        person = person_of(karin, account__active=True)
        message = MessageFactory(person=person, written_by=karin, written_elsewhere=True)
        assert "Ångra" in open_page(signed_in, address(person)).words

        inbox.release_due(now=message.created_at)

        page = open_page(signed_in, address(person))
        assert "Ångra" not in page.words
        assert "bekräftade 23 november kl. 10.42 att meddelandet är skrivet" in page.words

    def test_cannot_change_what_stands_in_the_case_system(self, ticked, karin):
        message = MessageFactory(person=ticked, written_by=karin, written_elsewhere=True)

        with pytest.raises(inbox.AlreadySent):
            inbox.change_welcome(message=message, subject="A", body="B", seen_version=1, by=karin)


class TestTheSwitch:
    def test_names_no_date_before_the_boxes_are_ticked(self, signed_in, amina):
        page = open_page(signed_in, address(amina, "switch_on"))
        assert "Ändra sedan rutorna i Lifecare och bekräfta." in page.words

        after = follow(
            signed_in, page.form("Koppla på").send(signed_in, wish="yes", notify_by_sms="on",
                                                   mobile="070-174 06 05", read_by_others="no",
                                                   wish_on="2026-11-23"),
        )  # fmt: skip

        assert "Ändra nu rutorna i Lifecare och bekräfta." in after.status
        assert "24 november" not in after.status
        assert "Skriv välkomstmeddelande" not in after.status

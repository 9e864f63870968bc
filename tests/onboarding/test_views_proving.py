from datetime import time, timedelta

import pytest
from django.urls import reverse

from messaging.notices import delivery
from messaging.notices.models import Notice
from messaging.notices.sms import locmem
from messaging.notices.states import NoticeState
from persons.models import AccessLogEntry, Person
from staff.models import Municipality
from tests.factories import NoticeFactory
from tests.onboarding.conftest import MONDAY, person_of
from tests.pages import Page, follow, open_page, words

SEND = "Skicka test-sms"
HTMX = {"HX-Request": "true", "HX-Target": "test-status"}


def address(person: Person, name: str = "test_sms") -> str:
    return reverse(name, args=[person.public_id])


@pytest.fixture
def switched_on(karin) -> Person:
    """Waits for the night."""
    return person_of(karin, account__pending=True, mobile="070-174 06 05")


@pytest.fixture
def sent(signed_in, switched_on) -> Page:
    """The page that follows."""
    form = open_page(signed_in, switched_on.get_absolute_url()).form(SEND)
    page = follow(signed_in, form.send(signed_in))
    delivery.deliver_due(now=MONDAY)
    return page


def reported(state: NoticeState, code: str = "") -> None:
    Notice.objects.update(state=state, last_code=code)


class TestButton:
    def test_stands_by_the_number_of_who_wants_sms(self, signed_in, switched_on, karin):
        unwilling = person_of(karin, account__pending=True, account__notify_by_sms=False)

        assert SEND in open_page(signed_in, switched_on.get_absolute_url()).words
        assert SEND not in open_page(signed_in, unwilling.get_absolute_url()).words

    def test_tells_when_sms_may_leave(self, signed_in, switched_on):
        Municipality.objects.update(sms_until=time(10))

        page = open_page(signed_in, switched_on.get_absolute_url())

        assert SEND not in page.words
        assert "Test-sms går att skicka vardagar kl. 09.00–10.00." in page.words

    def test_is_in_the_message_that_the_number_has_changed(self, signed_in, switched_on):
        form = open_page(signed_in, address(switched_on, "change_details")).form("Spara")

        page = follow(signed_in, form.send(signed_in, mobile="070-174 06 99"))

        follow(signed_in, page.form("Skicka test-sms till det nya numret").send(signed_in))
        assert Notice.objects.get().address == "+46701740699"


class TestSend:
    def test_sends_one_and_shows_what_becomes_of_it(self, signed_in, switched_on, sent):
        assert sent.address == address(switched_on)
        assert "Sms:et väntar på att skickas" in sent.words
        assert "Fick personen sms:et?" in sent.words
        assert [sms.to for sms in locmem.outbox] == [switched_on.mobile_e164]

    def test_is_written_to_the_access_log(self, sent, switched_on, karin):
        entry = AccessLogEntry.objects.get(action=AccessLogEntry.Action.SEND)

        assert (entry.person, entry.user, entry.view) == (switched_on, karin, "test_sms")

    def test_sends_one_when_pressed_twice(self, signed_in, switched_on):
        form = open_page(signed_in, switched_on.get_absolute_url()).form(SEND)

        form.send(signed_in)
        page = follow(signed_in, form.send(signed_in))

        assert Notice.objects.count() == 1
        assert page.status == ""

    def test_says_that_it_is_too_soon_for_another(self, signed_in, sent):
        page = follow(signed_in, sent.form("Skicka ett nytt test-sms").send(signed_in))

        assert "Det har inte gått en minut sedan det förra test-sms:et." in page.status
        assert Notice.objects.count() == 1

    def test_sends_nothing_for_what_is_no_button_of_ours(self, signed_in, switched_on):
        page = follow(signed_in, signed_in.post(address(switched_on), {"submission": "x"}))

        assert page.address == address(switched_on)
        assert not Notice.objects.exists()

    def test_sends_nothing_to_who_is_protected(self, signed_in, karin):
        person = person_of(karin, protected=True)

        for ask in (signed_in.get, signed_in.post):
            page = follow(signed_in, ask(address(person)))
            assert "Ett test-sms går att skicka när notifiering via SMS är på." in page.status
        assert not Notice.objects.exists()

    def test_is_hidden_from_others(self, stranger, switched_on):
        assert stranger.get(address(switched_on)).status_code == 404
        assert stranger.post(address(switched_on)).status_code == 404
        assert stranger.post(address(switched_on, "answer_test_sms")).status_code == 404


class TestStatus:
    @pytest.mark.parametrize(
        ("state", "code", "told"),
        [
            ("accepted", "", "Sms på väg"),
            ("delivered", "", "Telefonen har tagit emot sms:et."),
            ("undelivered", "30005", "Numret fungerar inte. Fråga personen efter rätt nummer."),
            ("undelivered", "30007", "Operatören stoppade sms:et"),
            ("cancelled", "too_late", "Sms:et skickades inte Skicka ett nytt."),
        ],
    )
    def test_is_told_in_words(self, signed_in, switched_on, sent, state, code, told):
        reported(NoticeState(state), code)

        page = open_page(signed_in, address(switched_on))

        assert told in words(page.by_id("test-status"))
        assert "ett meddelande" not in words(page.by_id("test-status"))

    def test_leads_on_from_a_number_that_is_wrong(self, signed_in, switched_on, sent):
        reported(NoticeState.UNDELIVERED, "30005")

        page = open_page(signed_in, address(switched_on))

        assert page.link("Rätta mobilnumret") == address(switched_on, "change_details")

    def test_is_the_part_of_the_page_that_htmx_asks_for(self, signed_in, switched_on, sent):
        reported(NoticeState.ACCEPTED)

        html = signed_in.get(address(switched_on), headers=HTMX).content.decode().strip()

        assert html.startswith('<div id="test-status"')
        assert 'hx-trigger="load delay:2s"' in html
        assert "<form" not in html

    def test_is_asked_for_more_seldom_until_there_is_nothing_to_wait_for(
        self, signed_in, switched_on, sent, monday
    ):
        reported(NoticeState.ACCEPTED)

        monday.shift(timedelta(minutes=1))
        minute = signed_in.get(address(switched_on), headers=HTMX).content.decode()
        monday.shift(timedelta(minutes=10))
        late = signed_in.get(address(switched_on), headers=HTMX).content.decode()
        reported(NoticeState.DELIVERED)
        arrived = signed_in.get(address(switched_on), headers=HTMX).content.decode()

        assert "delay:15s" in minute
        assert "hx-get" not in late
        assert "hx-get" not in arrived

    def test_can_be_asked_for_without_javascript(self, sent, switched_on):
        assert sent.link("Visa läget nu") == address(switched_on)

    def test_is_not_that_of_another_number(self, signed_in, switched_on, sent):
        Person.objects.update(mobile="070-174 06 99", mobile_e164="+46701740699")

        page = open_page(signed_in, address(switched_on))

        assert page.by_id("test-status") is None
        assert page.form(SEND)


class TestAnswer:
    def test_yes_proves_the_number(self, signed_in, switched_on, sent):
        page = follow(signed_in, sent.form("Ja").send(signed_in))

        switched_on.refresh_from_db()
        assert page.address == switched_on.get_absolute_url()
        assert page.status.startswith("Noterat: personen fick sms:et. Numret stämmer.")
        assert switched_on.mobile_confirmed_on == MONDAY.date()
        again = open_page(signed_in, address(switched_on))
        assert "Fick personen sms:et? Ja. Numret stämmer." in again.words

    def test_no_leads_to_the_form_where_the_number_is_corrected(self, signed_in, switched_on, sent):
        page = follow(signed_in, sent.form("Nej").send(signed_in))

        assert page.address == address(switched_on, "change_details")
        assert page.status.startswith("Noterat: personen fick inte sms:et. Rätta mobilnumret")
        again = open_page(signed_in, address(switched_on))
        assert again.link("Rätta mobilnumret") == address(switched_on, "change_details")

    def test_twice_is_one(self, signed_in, switched_on, sent):
        sent.form("Ja").send(signed_in)
        sent.form("Ja").send(signed_in)

        assert switched_on.events.filter(kind="test_sms_received").count() == 1

    def test_is_not_changed_by_an_old_page(self, signed_in, switched_on, sent):
        sent.form("Ja").send(signed_in)

        page = follow(signed_in, sent.form("Nej").send(signed_in))

        assert "Det går inte att svara nu." in page.status
        assert not switched_on.events.filter(kind="test_sms_missed").exists()

    def test_is_not_about_another_test(self, signed_in, switched_on, sent):
        NoticeFactory(person=switched_on, kind="test", dedupe_key="test:a later one:sms")

        page = follow(signed_in, sent.form("Ja").send(signed_in))

        assert page.status.startswith("Svaret gäller ett tidigare test-sms.")
        assert not switched_on.events.filter(kind="test_sms_received").exists()

    def test_lapses_with_the_day_and_says_so(self, signed_in, switched_on, sent):
        Notice.objects.update(created_at=MONDAY - timedelta(days=1))

        page = follow(signed_in, sent.form("Ja").send(signed_in))

        told = "Frågan gäller inte längre: den besvaras samma dag som sms:et skickas."
        assert page.status.startswith(told)
        assert f"Fick personen sms:et? {told}" in page.words
        assert page.form("Skicka ett nytt test-sms")
        switched_on.refresh_from_db()
        assert switched_on.mobile_confirmed_on is None

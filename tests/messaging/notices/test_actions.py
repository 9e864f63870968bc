from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connections

from messaging.notices import actions, delivery, texts
from messaging.notices.models import Channel, Notice
from messaging.notices.states import NoticeState
from messaging.wording import revealing
from messaging.wording.kinds import Kind
from persons.models import EServiceAccount
from staff.models import Municipality
from tests.factories import AccountFactory, SheetVersionFactory
from web import clock

pytestmark = pytest.mark.django_db

SMS = (
    "E-tjänsten Meddelanden hos Söderköpings kommun är nu öppen för dig. Där finns ett första "
    "meddelande. Det går inte att svara på detta sms."
)
EMAIL = """\
Hej!

Nu kan du använda e-tjänsten Meddelanden hos Söderköpings kommun. Där finns ett första \
meddelande till dig.

Så läser du meddelandet
1. Skriv kommunens webbadress i din webbläsare.
2. Gå till e-tjänsten Meddelanden.
3. Logga in med din e-legitimation.

Det finns ingen länk i det här mejlet. Det är för din säkerhet. Vi ber dig aldrig om lösenord \
eller koder.

Det går inte att svara på det här mejlet.

Hälsningar
Söderköpings kommun
"""


@pytest.fixture
def municipality() -> Municipality:
    municipality = Municipality.load()
    municipality.name, municipality.sender_name = "Söderköpings kommun", "Soderkoping"
    municipality.save()
    return municipality


def queue(account, about="message 1", **options) -> list[Notice]:
    return actions.queue(
        kind=Kind.WELCOME, account=account, about=about, sheet=None, by=None, **options
    )


class TestTexts:
    def test_of_the_sms_are_the_approved_ones(self, municipality):
        written = texts.write(Kind.WELCOME, Channel.SMS, municipality)

        assert (written.sender, written.text) == ("Soderkoping", SMS)

    def test_of_the_email_are_the_approved_ones(self, municipality):
        written = texts.write(Kind.WELCOME, Channel.EMAIL, municipality)

        assert written.sender == "Söderköpings kommun"
        assert written.subject == "E-tjänsten Meddelanden är öppen för dig"
        assert written.text == EMAIL

    @pytest.mark.parametrize("channel", Channel)
    def test_reveal_nothing(self, municipality, channel):
        written = texts.write(Kind.WELCOME, channel, municipality)

        for part in (written.sender, written.subject, written.text, written.html):
            assert revealing.find(part) is None

    def test_name_the_address_of_the_sheet_only_if_the_municipality_wants(self, municipality):
        municipality.sheet_address = "soderkoping.se/meddelanden"

        written = texts.write(Kind.WELCOME, Channel.SMS, municipality)

        assert "Läs mer på soderkoping.se/meddelanden." in written.text

    def test_are_plain_in_sms_and_escaped_in_html(self, municipality):
        municipality.name = "Ö & <Å> kommun"

        assert "Ö & <Å>" in texts.write(Kind.WELCOME, Channel.SMS, municipality).text
        assert "Ö &amp; &lt;Å&gt;" in texts.write(Kind.WELCOME, Channel.EMAIL, municipality).html


class TestQueue:
    @pytest.mark.parametrize(
        ("sms", "email", "channels"),
        [
            (True, True, {"sms", "email"}),
            (True, False, {"sms"}),
            (False, True, {"email"}),
            (False, False, set()),
        ],
    )
    def test_writes_one_notice_per_chosen_channel(self, sms, email, channels):
        account = AccountFactory(active=True, notify_by_sms=sms, notify_by_email=email)

        queue(account)

        assert {notice.channel for notice in Notice.objects.all()} == channels

    def test_writes_the_same_thing_once(self):
        account = AccountFactory(active=True)

        first = queue(account)
        second = queue(account)

        assert (len(first), len(second)) == (1, 0)
        assert Notice.objects.count() == 1

    def test_tells_each_of_many_as_if_alone(self):
        """One has been told this hour, one is to be told, one is new."""
        told, waiting, new = AccountFactory.create_batch(3, active=True)
        queue(told)
        Notice.objects.update(state=NoticeState.DELIVERED, started_at=clock.now())
        queue(waiting, about="message 2")
        everybody = [
            actions.News(account, f"message {account.pk} again", sheet=None, by=None)
            for account in (told, waiting, new)
        ]

        queued = actions.queue_all(kind=Kind.NEW_MESSAGE, news=everybody)

        assert [notice.person for notice in queued] == [told.person, new.person]
        assert queued[0].not_before > queued[1].not_before

    def test_gives_the_sheet_to_the_email_alone(self):
        account = AccountFactory(active=True, notify_by_email=True)

        actions.queue(
            kind=Kind.WELCOME,
            account=account,
            about="message 1",
            sheet=SheetVersionFactory(),
            by=None,
        )

        assert Notice.objects.get(channel=Channel.SMS).sheet is None
        assert Notice.objects.get(channel=Channel.EMAIL).sheet is not None

    def test_wakes_the_worker_only_when_the_row_is_there(self, django_capture_on_commit_callbacks):
        account = AccountFactory(active=True)

        with django_capture_on_commit_callbacks() as waking:
            queue(account)

        assert len(waking) == 1

    def test_tells_again_only_where_the_person_has_not_been_told(self):
        account = AccountFactory(active=True, notify_by_email=True)
        queue(account)
        account.person.mobile_e164 = "+46701740699"
        account.person.save()

        again = queue(account, about="message 1 version 2", only_new_addresses=True)

        assert [notice.address for notice in again] == ["+46701740699"]

    def test_writes_in_the_language_of_the_person_where_there_is_a_text(self, municipality):
        english, swedish = (
            actions.queue(
                kind=kind,
                account=AccountFactory(active=True, person__language="en"),
                about="message 1",
                sheet=None,
                by=None,
            )
            for kind in (Kind.NEW_MESSAGE, Kind.WELCOME)
        )

        assert english[0].text.startswith("You have a new message from Söderköpings kommun.")
        assert swedish[0].text == SMS


@pytest.mark.django_db(transaction=True)
class TestTwoAtTheSameSecond:
    def test_write_the_same_thing_once(self):
        account = AccountFactory(active=True)
        Municipality.load()
        start, outcomes = Barrier(2), []

        def tell():
            start.wait()
            try:
                outcomes.append(len(queue(account, urgent=True)))
            finally:
                connections.close_all()

        workers = [Thread(target=tell) for _worker in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        assert sorted(outcomes) == [0, 1]


class TestBundling:
    @pytest.fixture(autouse=True)
    def morning(self, time_machine):
        time_machine.move_to("2026-11-24T10:00:00+01:00", tick=False)
        return time_machine

    def test_lets_what_waits_tell_of_the_next_thing_too(self):
        account = AccountFactory(active=True)

        queue(account)
        queue(account, about="message 2")

        assert Notice.objects.count() == 1

    def test_lets_what_waits_go_when_only_the_first_thing_is_read(self, morning):
        account = AccountFactory(active=True)
        queue(account)
        read_at = clock.now()
        morning.shift(timedelta(minutes=5))
        queue(account, about="message 2")
        EServiceAccount.objects.filter(pk=account.pk).update(read_until=read_at)

        delivery.deliver_due(now=clock.now())

        assert Notice.objects.get().state == NoticeState.DELIVERED

    def test_withdraws_what_waits_when_all_of_it_is_read(self, morning):
        account = AccountFactory(active=True)
        queue(account)
        morning.shift(timedelta(minutes=5))
        queue(account, about="message 2")
        EServiceAccount.objects.filter(pk=account.pk).update(read_until=clock.now())

        delivery.deliver_due(now=clock.now())

        assert Notice.objects.get().last_code == "read"

    def test_tells_an_address_once_an_hour(self, morning):
        account = AccountFactory(active=True)
        queue(account)
        delivery.deliver_due(now=clock.now())
        morning.shift(timedelta(minutes=20))

        [second] = queue(account, about="message 2")

        assert second.not_before == clock.now() + timedelta(minutes=40)

    def test_delays_nothing_that_somebody_waits_for(self):
        account = AccountFactory(active=True)
        queue(account)
        delivery.deliver_due(now=clock.now())
        queue(account, about="message 2")

        [test_sms] = queue(account, about="test", urgent=True)

        assert (test_sms.urgent, test_sms.not_before) == (True, clock.now())

    def test_is_by_person_also_where_two_share_a_telephone(self):
        account = AccountFactory(active=True)
        other = AccountFactory(active=True, person__mobile_e164=account.person.mobile_e164)

        assert len(queue(account)) == len(queue(other, about="message 2")) == 1

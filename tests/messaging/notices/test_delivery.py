from datetime import datetime, timedelta
from threading import Barrier, Thread
from time import monotonic, sleep
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import OperationalError, connection

from messaging.notices import delivery, restoring
from messaging.notices.models import NotAllowed, Notice
from messaging.notices.sms import locmem
from messaging.notices.sms.base import NotTaken, Receipt
from messaging.notices.states import IN_FLIGHT, TRANSITIONS, NoticeState
from messaging.wording.kinds import Kind
from messaging.wording.revealing import Lookout
from persons.models import EServiceAccount, Person, Protection
from persons.states import SwitchState
from staff.models import Municipality
from tests.factories import NoticeFactory, PersonFactory, UserFactory
from tests.messaging.notices import gateways
from web import clock

pytestmark = pytest.mark.django_db

SWEDEN = ZoneInfo("Europe/Stockholm")
TUESDAY_MORNING = datetime(2026, 11, 24, 9, 5, tzinfo=SWEDEN)
HERE = "tests.messaging.notices.gateways"


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel(TUESDAY_MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def nothing_taken(settings):
    gateways.taken.clear()
    settings.SMS_GATEWAY = "messaging.notices.sms.locmem.Gateway"
    settings.NOTICE_LEASE_SECONDS = 120
    settings.NOTICE_SETTLE_SECONDS = 900


@pytest.fixture
def notice() -> Notice:
    return NoticeFactory()


def email_notice() -> Notice:
    person = PersonFactory(account__active=True, account__notify_by_email=True)
    return NoticeFactory(email=True, person=person)


def deliver() -> int:
    return delivery.deliver_due(now=clock.now())


def state(notice: Notice) -> str:
    notice.refresh_from_db()
    return notice.state


class TestTransitions:
    @pytest.mark.parametrize("old", NoticeState)
    @pytest.mark.parametrize("new", NoticeState)
    def test_are_those_of_the_table_and_no_others(self, notice, old, new):
        Notice.objects.filter(pk=notice.pk).update(state=old)
        notice.refresh_from_db()

        if new in TRANSITIONS.get(old, set()):
            assert notice.move(new)
            assert notice.events.get().to_state == new
        else:
            with pytest.raises(NotAllowed):
                notice.move(new)
            assert state(notice) == old

    def test_let_one_of_two_simultaneous_moves_through(self, notice):
        other = Notice.objects.get(pk=notice.pk)

        assert notice.move(NoticeState.SENDING, attempt=1)
        assert not other.move(NoticeState.CANCELLED)

        assert state(notice) == NoticeState.SENDING


class TestDeliverDue:
    def test_sends_each_notice_once(self, notice):
        assert deliver() == 1
        assert deliver() == 0

        assert [sms.to for sms in locmem.outbox] == [notice.address]
        assert state(notice) == NoticeState.DELIVERED

    def test_sends_the_frozen_text_from_the_frozen_sender(self, notice):
        deliver()

        sms = locmem.outbox[0]
        assert (sms.sender, sms.text) == (notice.sender, notice.text)
        assert sms.reference == str(notice.ref)

    def test_sends_an_email_with_a_message_id_of_its_own(self):
        notice = email_notice()

        deliver()

        message = mail.outbox[0]
        assert message.to == [notice.address]
        assert message.extra_headers["Message-ID"].startswith(f"<{notice.ref}@")
        assert message.extra_headers["Auto-Submitted"] == "auto-generated"
        assert state(notice) == NoticeState.SENT

    def test_waits_until_the_notice_may_go(self):
        NoticeFactory(not_before=TUESDAY_MORNING + timedelta(minutes=1))

        assert deliver() == 0

    def test_stops_when_its_time_is_up_and_the_next_goes_on(self, notice, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(delivery, "ROUND_SECONDS", 0)
            assert deliver() == 0

        assert deliver() == 1

    def test_never_moves_a_notice_without_an_event(self, notice):
        def full_disk(execute, sql, params, many, context):
            if sql.startswith('INSERT INTO "notices_noticeevent"'):
                raise OperationalError("disk full")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(full_disk), pytest.raises(OperationalError):
            notice.move(NoticeState.CANCELLED)

        assert state(notice) == NoticeState.QUEUED


@pytest.mark.django_db(transaction=True)
class TestTwoWorkers:
    def deliver_at_once(self) -> None:
        start = Barrier(2)

        def work():
            start.wait()
            try:
                deliver()
            finally:
                connection.close()

        workers = [Thread(target=work) for _worker in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def test_send_each_notice_once(self, settings):
        settings.SMS_GATEWAY = f"{HERE}.Provider"
        Municipality.load()
        notices = NoticeFactory.create_batch(6)

        self.deliver_at_once()

        references = sorted(sms.reference for sms in gateways.taken)
        assert references == sorted(str(notice.ref) for notice in notices)
        assert {state(notice) for notice in notices} == {NoticeState.ACCEPTED}

    def test_never_send_to_one_address_at_once(self, settings):
        settings.SMS_GATEWAY = f"{__name__}.Slow"
        Municipality.load()
        NoticeFactory.create_batch(3, person=PersonFactory(account__active=True))
        Slow.most = Slow.now = 0

        self.deliver_at_once()
        deliver()

        assert Slow.most == 1
        assert len(gateways.taken) == 3


class Slow(gateways.Provider):
    """Takes its time, and counts how many it is given meanwhile."""

    now = most = 0

    def send(self, sms):
        Slow.now += 1
        Slow.most = max(Slow.most, Slow.now)
        sleep(0.02)
        Slow.now -= 1
        return super().send(sms)


class TestSendingHours:
    @pytest.mark.parametrize(
        ("moment", "leaves"),
        [
            ("2026-11-24 08:59", False),
            ("2026-11-24 09:00", True),
            ("2026-11-24 16:59", True),
            ("2026-11-24 17:00", False),
            ("2026-11-28 12:00", False),  # Saturday
            ("2026-12-24 12:00", False),  # Christmas Eve
            ("2026-12-25 12:00", False),
        ],
    )
    def test_are_nine_to_five_on_working_days(self, morning, moment, leaves):
        sms = NoticeFactory(not_before=TUESDAY_MORNING - timedelta(days=1))
        morning.move_to(datetime.fromisoformat(moment).replace(tzinfo=SWEDEN))

        deliver()

        assert (state(sms) == NoticeState.DELIVERED) is leaves

    def test_do_not_concern_email(self, morning):
        notice = email_notice()
        morning.move_to(TUESDAY_MORNING.replace(hour=22))

        deliver()

        assert state(notice) == NoticeState.SENT

    @pytest.mark.parametrize(("hour", "leaves"), [(7, False), (8, True), (19, True), (20, False)])
    def test_are_never_outside_eight_to_eight_whatever_the_setting(self, morning, hour, leaves):
        municipality = Municipality.load()
        municipality.sms_from, municipality.sms_until = "00:00", "23:59"
        municipality.save()
        sms = NoticeFactory(not_before=TUESDAY_MORNING - timedelta(days=1))
        morning.move_to(TUESDAY_MORNING.replace(hour=hour))

        deliver()

        assert (state(sms) == NoticeState.DELIVERED) is leaves


class TestWhatMayNoLongerLeave:
    @pytest.mark.parametrize(
        ("facts", "code"),
        [
            ({"protection": Protection.UNKNOWN}, "protected"),
            ({"deceased_on": "2026-11-20"}, "deceased"),
        ],
    )
    def test_is_cancelled_with_the_reason(self, notice, facts, code):
        Person.objects.filter(pk=notice.person_id).update(**facts)

        deliver()

        assert (state(notice), notice.last_code) == (NoticeState.CANCELLED, code)
        assert locmem.outbox == []

    def test_is_cancelled_when_the_service_has_been_closed(self, notice):
        notice.person.account.move(SwitchState.CLOSING, messages_enabled=False)

        deliver()

        assert (state(notice), notice.last_code) == (NoticeState.CANCELLED, "closed")

    def test_is_cancelled_when_the_channel_is_off(self, notice):
        notice.person.account.move(SwitchState.PENDING_CHANGE, notify_by_sms=False)

        deliver()

        assert (state(notice), notice.last_code) == (NoticeState.CANCELLED, "channel_off")

    def test_is_cancelled_when_the_number_has_been_corrected(self, notice):
        Person.objects.filter(pk=notice.person_id).update(mobile_e164="+46701740699")

        deliver()

        assert (state(notice), notice.last_code) == (NoticeState.CANCELLED, "address_changed")
        assert locmem.outbox == []


class TestWhatIsReadAlready:
    @staticmethod
    def read(person, at):
        EServiceAccount.objects.filter(person=person).update(read_until=at)

    def test_is_withdrawn_and_says_so(self, notice):
        self.read(notice.person, notice.newest_at)

        deliver()

        assert (state(notice), notice.last_code) == (NoticeState.CANCELLED, "read")
        assert locmem.outbox == []

    def test_is_not_what_came_after_the_reading(self, notice):
        self.read(notice.person, notice.newest_at - timedelta(seconds=1))

        deliver()

        assert state(notice) == NoticeState.DELIVERED

    def test_is_withdrawn_also_when_the_first_try_was_before_the_reading(
        self, settings, notice, morning
    ):
        settings.SMS_GATEWAY = "tests.messaging.notices.gateways.Busy"
        deliver()
        self.read(notice.person, clock.now())
        settings.SMS_GATEWAY = "messaging.notices.sms.locmem.Gateway"
        morning.shift(timedelta(hours=1))

        deliver()

        assert (state(notice), notice.last_code) == (NoticeState.CANCELLED, "read")

    def test_withdraws_no_test_of_a_number(self):
        test_sms = NoticeFactory(kind=Kind.TEST, urgent=True)
        self.read(test_sms.person, clock.now())

        deliver()

        assert state(test_sms) == NoticeState.DELIVERED

    def test_withdraws_nothing_that_was_given_something_more_to_tell(self, notice):
        """Between the look and the move somebody writes another message."""
        Notice.objects.filter(pk=notice.pk).update(newest_at=clock.now() + timedelta(seconds=1))

        assert not notice.move(NoticeState.CANCELLED, code="read")
        assert state(notice) == NoticeState.QUEUED


class TestWhatReveals:
    @pytest.mark.parametrize(
        "facts",
        [
            {"text": "Du har fått en kallelse."},
            {"text": "Hej Amina! Du har ett nytt meddelande."},
            {"text": "Hälsningar Karin"},
            {"text": "Logga in på https://exempel.se"},
            {"text": "Det kom den {datum}."},
            {"sender": "Stodteamet"},
            {"subject": "Beslut om 19980101-2384"},
            {"html": "<p>Din handl&auml;ggare</p>"},
        ],
    )
    def test_is_not_sent_but_goes_to_a_person(self, notice, facts):
        UserFactory()
        Notice.objects.filter(pk=notice.pk).update(**facts)

        deliver()

        assert (state(notice), notice.last_code) == (NoticeState.NEEDS_HUMAN, "revealing")
        assert locmem.outbox == []


class TestOneAddress:
    def test_has_one_notice_in_flight(self):
        person = PersonFactory(account__active=True)
        first = NoticeFactory(person=person)
        NoticeFactory(person=person)
        first.move(NoticeState.SENDING, attempt=1)

        assert deliver() == 0

    def test_has_its_notices_sent_one_after_the_other(self):
        person = PersonFactory(account__active=True)
        NoticeFactory.create_batch(2, person=person)

        assert deliver() == 2

    def test_stops_nobody_elses(self):
        first = NoticeFactory()
        first.move(NoticeState.SENDING, attempt=1)
        NoticeFactory()

        assert deliver() == 1

    def test_is_one_in_the_database_too(self):
        assert frozenset({NoticeState.SENDING, NoticeState.IN_DOUBT}) == IN_FLIGHT


class TestWhatTheProviderAnswers:
    def test_accepted_is_not_delivered(self, settings, notice):
        settings.SMS_GATEWAY = f"{HERE}.Provider"

        deliver()

        assert state(notice) == NoticeState.ACCEPTED
        assert (notice.provider, notice.provider_id) == ("provider", "id-1")
        assert notice.settled_at is None

    def test_not_taken_is_tried_again_after_a_pause(self, settings, notice):
        settings.SMS_GATEWAY = f"{HERE}.Busy"

        deliver()

        assert state(notice) == NoticeState.QUEUED
        assert notice.not_before > clock.now()

    def test_not_taken_many_times_goes_to_a_person(self, settings, notice):
        settings.SMS_GATEWAY = f"{HERE}.Busy"
        Notice.objects.filter(pk=notice.pk).update(failures=delivery.MAX_FAILURES - 1)

        deliver()

        assert state(notice) == NoticeState.NEEDS_HUMAN

    @pytest.mark.parametrize(
        ("gateway", "found", "code"),
        [
            ("NoSuchNumber", NoticeState.FAILED, "21211"),
            ("Unwanted", NoticeState.SUPPRESSED, "21610"),
        ],
    )
    def test_a_refusal_is_final(self, settings, notice, gateway, found, code):
        settings.SMS_GATEWAY = f"{HERE}.{gateway}"

        deliver()

        assert (state(notice), notice.last_code) == (found, code)
        assert notice.settled_at is not None

    @pytest.mark.parametrize("gateway", ["Silent", "Deaf", "Broken"])
    def test_silence_is_doubt_and_is_not_tried_again_blindly(self, settings, notice, gateway):
        settings.SMS_GATEWAY = f"{HERE}.{gateway}"

        deliver()
        deliver()

        assert state(notice) == NoticeState.IN_DOUBT
        assert notice.attempt == 1

    def test_a_poisoned_notice_stops_nobody_else(self, settings):
        settings.SMS_GATEWAY = f"{HERE}.Broken"
        NoticeFactory()
        email = email_notice()

        deliver()

        assert state(email) == NoticeState.SENT

    def test_an_id_that_another_notice_has_is_doubt(self, settings):
        settings.SMS_GATEWAY = f"{__name__}.Confused"
        first, second = NoticeFactory.create_batch(2)

        deliver()

        assert (state(first), state(second)) == (NoticeState.ACCEPTED, NoticeState.IN_DOUBT)


class Confused(gateways.Provider):
    """Gives everything the same id."""

    def send(self, sms):
        return Receipt("id-1")

    def find(self, sms):
        return [Receipt("id-1", NoticeState.DELIVERED)]


class Showing(gateways.Deaf):
    """Has these, with the same text and to the same number."""

    ids: tuple[str, ...] = ()

    def find(self, sms):
        return [Receipt(each, NoticeState.DELIVERED) for each in self.ids]


class Unreachable(gateways.Deaf):
    """Does not answer questions either."""

    def find(self, sms):
        raise NotTaken


class TestDoubt:
    def doubtful(self, notice, settings, gateway: str) -> None:
        settings.SMS_GATEWAY = f"{HERE}.{gateway}"
        deliver()
        assert state(notice) == NoticeState.IN_DOUBT

    def test_is_settled_by_asking_when_the_provider_has_had_time(self, settings, notice, morning):
        self.doubtful(notice, settings, "Silent")

        morning.shift(timedelta(seconds=901))
        deliver()

        assert state(notice) == NoticeState.DELIVERED
        assert len(gateways.taken) == 1

    def test_is_left_alone_until_then(self, settings, notice, morning):
        self.doubtful(notice, settings, "Silent")

        morning.shift(timedelta(seconds=800))
        deliver()

        assert state(notice) == NoticeState.IN_DOUBT

    def test_needs_two_negative_answers_before_it_is_sent_again(self, settings, notice, morning):
        self.doubtful(notice, settings, "Deaf")
        settings.SMS_GATEWAY = f"{HERE}.Provider"

        morning.shift(timedelta(seconds=901))
        deliver()
        assert state(notice) == NoticeState.IN_DOUBT

        morning.shift(timedelta(seconds=901))
        deliver()

        assert state(notice) == NoticeState.ACCEPTED
        assert len(gateways.taken) == 1

    def test_is_not_settled_by_what_another_notice_became(self, settings, morning):
        """Two people with one telephone are sent the same text."""
        NoticeFactory(state=NoticeState.ACCEPTED, provider="provider", provider_id="id-1")
        notice = NoticeFactory()
        self.doubtful(notice, settings, "Deaf")
        settings.SMS_GATEWAY = f"{__name__}.Confused"

        morning.shift(timedelta(seconds=901))
        deliver()

        assert (state(notice), notice.negative_checks) == (NoticeState.IN_DOUBT, 1)

    @pytest.mark.parametrize(
        ("shown", "found"),
        [
            (("id-1", "id-2"), (NoticeState.DELIVERED, "id-2", "")),
            (("id-2", "id-1"), (NoticeState.DELIVERED, "id-2", "")),
            (("id-3", "id-2", "id-1"), (NoticeState.NEEDS_HUMAN, "", "several")),
        ],
    )
    def test_is_settled_by_the_only_one_that_is_nobody_elses(
        self, settings, monkeypatch, morning, shown, found
    ):
        NoticeFactory(state=NoticeState.ACCEPTED, provider="provider", provider_id="id-1")
        notice = NoticeFactory()
        self.doubtful(notice, settings, "Deaf")
        settings.SMS_GATEWAY = f"{__name__}.Showing"
        monkeypatch.setattr(Showing, "ids", shown)

        morning.shift(timedelta(seconds=901))
        deliver()

        assert (state(notice), notice.provider_id, notice.last_code) == found

    def test_lasts_while_the_provider_does_not_answer(self, settings, notice, morning):
        self.doubtful(notice, settings, "Deaf")
        settings.SMS_GATEWAY = f"{__name__}.Unreachable"

        for _question in range(3):
            morning.shift(timedelta(seconds=901))
            deliver()

        assert (state(notice), notice.negative_checks) == (NoticeState.IN_DOUBT, 0)

    def test_goes_to_a_person_after_a_day_without_an_answer(self, settings, notice, morning):
        self.doubtful(notice, settings, "Deaf")
        settings.SMS_GATEWAY = f"{__name__}.Unreachable"

        morning.shift(timedelta(days=1, seconds=1))
        deliver()

        assert (state(notice), notice.last_code) == (NoticeState.NEEDS_HUMAN, "no_answer")

    def test_stops_nobody_else_when_the_provider_does_not_answer(self, settings, notice, morning):
        self.doubtful(notice, settings, "Deaf")
        settings.SMS_GATEWAY = f"{__name__}.Unreachable"
        email = email_notice()

        morning.shift(timedelta(seconds=901))
        deliver()

        assert state(email) == NoticeState.SENT

    def test_of_what_has_been_tried_often_goes_to_a_person(self, settings, notice, morning):
        Notice.objects.filter(pk=notice.pk).update(failures=delivery.MAX_FAILURES - 1)
        self.doubtful(notice, settings, "Deaf")

        for _question in range(2):
            morning.shift(timedelta(seconds=901))
            deliver()

        assert (state(notice), notice.last_code) == (NoticeState.NEEDS_HUMAN, "never_left")

    def test_goes_to_a_person_where_nobody_can_be_asked(self, settings, notice, morning):
        self.doubtful(notice, settings, "Nosy")

        morning.shift(timedelta(seconds=901))
        deliver()

        assert state(notice) == NoticeState.NEEDS_HUMAN

    def test_of_an_email_goes_to_a_person_since_a_relay_cannot_be_asked(self, settings, morning):
        settings.EMAIL_FINDER = ""
        notice = email_notice()
        notice.move(NoticeState.SENDING, attempt=1, lease_until=clock.machine_now())

        morning.shift(timedelta(seconds=1))
        deliver()
        morning.shift(timedelta(seconds=901))
        deliver()

        assert state(notice) == NoticeState.NEEDS_HUMAN
        assert mail.outbox == []

    def test_lets_a_report_be_faster_and_goes_on_with_the_others(self, monkeypatch):
        """It has just given the id to another notice: the next round knows."""
        ours = {"provider": "locmem", "started_at": clock.now(), "check_after": clock.now()}
        NoticeFactory(state=NoticeState.ACCEPTED, provider="locmem", provider_id="taken")
        first, second = NoticeFactory.create_batch(2, state=NoticeState.IN_DOUBT, **ours)
        found = {first: "taken", second: "free"}
        monkeypatch.setattr(delivery.handing_over, "find", lambda notice: [Receipt(found[notice])])

        with time_machine.travel(TUESDAY_MORNING + timedelta(minutes=1), tick=False):
            delivery.settle_doubts(monotonic() + 60)

        assert (state(first), state(second)) == (NoticeState.IN_DOUBT, NoticeState.ACCEPTED)


class TestAWorkerThatDies:
    def test_after_the_provider_took_it_leaves_one_sms(self, settings, notice, morning):
        settings.SMS_GATEWAY = f"{HERE}.KillsTheWorker"
        with pytest.raises(gateways.Killed):
            deliver()
        settings.SMS_GATEWAY = f"{HERE}.Provider"

        deliver()
        assert state(notice) == NoticeState.SENDING
        morning.shift(timedelta(seconds=121))
        deliver()
        assert state(notice) == NoticeState.IN_DOUBT
        morning.shift(timedelta(seconds=901))
        deliver()

        assert state(notice) == NoticeState.DELIVERED
        assert len(gateways.taken) == 1

    def test_and_wakes_up_too_late_sends_nothing(self, notice):
        restoring.require_current()
        batch = delivery.claim(now=clock.now())
        batch.deadline = -1.0

        delivery._send_all(batch, delivery.Round(Lookout()))

        assert locmem.outbox == []
        assert state(notice) == NoticeState.SENDING

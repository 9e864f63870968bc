from datetime import datetime, timedelta
from threading import Barrier, Thread
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connections

from messaging.notices import delivery, proving, reports
from messaging.notices.models import Channel, Notice
from messaging.notices.sms import locmem
from messaging.notices.sms.base import Receipt
from messaging.notices.states import NoticeState
from messaging.wording.kinds import Kind
from persons.models import NotAllowed, Person, Protection
from persons.states import SwitchState
from staff.models import Role
from tests.factories import CaseFactory, NoticeFactory, PersonFactory, UserFactory
from web import clock

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 11, 24, 9, 30, tzinfo=ZoneInfo("Europe/Stockholm"))


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel(TUESDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def karin(db):
    return UserFactory(role=Role.SUPPORT_CONTACT)


@pytest.fixture
def amina(karin) -> Person:
    """Switched on this morning: the e-service cannot be used before tomorrow."""
    return person_of(karin)


def person_of(karin) -> Person:
    person = PersonFactory(
        account__pending=True, account__notify_by_sms=True, account__notify_by_email=True
    )
    CaseFactory(person=person, support_contact=karin)
    return person


def send(person: Person, by, submission: UUID | None = None) -> None:
    proving.send_test(account=person.account, submission=submission or uuid4(), by=by)


def sent_to(person: Person, by) -> Notice:
    send(person, by)
    delivery.deliver_due(now=clock.now())
    test = proving.latest(person)
    assert test is not None
    return test


def kinds(person: Person) -> list[str]:
    return [event.kind for event in person.events.order_by("pk")]


class TestSendTest:
    def test_reaches_the_telephone_before_the_service_can_be_used(self, amina, karin):
        send(amina, karin)

        delivery.deliver_due(now=clock.now())

        test = Notice.objects.get()
        assert (test.kind, test.channel, test.created_by) == (Kind.TEST, Channel.SMS, karin)
        assert [(sms.to, sms.text) for sms in locmem.outbox] == [(amina.mobile_e164, test.text)]
        assert test.text.startswith("Test från ")
        assert kinds(amina) == ["test_sms_sent"]

    def test_goes_before_all_others_and_is_not_bundled_with_them(self, amina, karin):
        NoticeFactory(person=amina, address=amina.mobile_e164)

        send(amina, karin)

        first = Notice.objects.in_order().first()
        assert (first.kind, first.not_before) == (Kind.TEST, TUESDAY)

    def test_sends_one_for_the_same_submission(self, amina, karin):
        submission = uuid4()

        send(amina, karin, submission)
        send(amina, karin, submission)

        assert Notice.objects.count() == 1
        assert kinds(amina) == ["test_sms_sent"]

    def test_sends_one_a_minute(self, amina, karin, morning):
        send(amina, karin)

        with pytest.raises(proving.Refused, match="refused") as error:
            send(amina, karin)
        morning.shift(timedelta(minutes=1))
        send(amina, karin)

        assert error.value.reason.startswith("Det har inte gått en minut")
        assert Notice.objects.count() == 2

    def test_sends_five_an_hour(self, amina, karin, morning):
        for _test in range(proving.PER_HOUR):
            send(amina, karin)
            morning.shift(timedelta(minutes=2))

        with pytest.raises(proving.Refused) as error:
            send(amina, karin)
        morning.shift(timedelta(hours=1))
        send(amina, karin)

        assert "högst fem test-sms i timmen" in error.value.reason

    @pytest.mark.parametrize(
        "moment", [TUESDAY.replace(hour=17), TUESDAY.replace(hour=8), TUESDAY + timedelta(days=4)]
    )
    def test_says_when_sms_may_leave(self, amina, karin, morning, moment):
        morning.move_to(moment)

        with pytest.raises(proving.Refused) as error:
            send(amina, karin)

        assert error.value.reason.startswith("Test-sms går att skicka vardagar kl. 09.00–17.00.")
        assert not Notice.objects.exists()

    @pytest.mark.parametrize(
        "facts", [{"protection": Protection.UNKNOWN}, {"deceased_on": "2026-11-01"}]
    )
    def test_is_refused_for_who_must_not_be_written_to(self, amina, karin, facts):
        Person.objects.filter(pk=amina.pk).update(**facts)
        amina.refresh_from_db()

        with pytest.raises((proving.Refused, PermissionDenied)):
            send(amina, karin)
        assert not Notice.objects.exists()

    def test_is_refused_for_who_does_not_want_sms(self, amina, karin):
        amina.account.move(SwitchState.PENDING, notify_by_sms=False)

        with pytest.raises(proving.Refused):
            send(amina, karin)
        assert not Notice.objects.exists()

    def test_is_refused_to_somebody_who_does_not_work_with_the_person(self, amina):
        with pytest.raises(PermissionDenied):
            send(amina, UserFactory(role=Role.SUPPORT_CONTACT))


class TestDelivery:
    def test_stops_a_test_when_sms_has_been_switched_off_since(self, amina, karin):
        send(amina, karin)
        amina.account.move(SwitchState.PENDING, notify_by_sms=False)

        delivery.deliver_due(now=clock.now())

        assert Notice.objects.get().last_code == "channel_off"
        assert locmem.outbox == []

    @pytest.mark.parametrize(
        ("facts", "code"),
        [
            ({"protection": Protection.UNKNOWN}, "protected"),
            ({"deceased_on": "2026-11-01"}, "deceased"),
            ({"mobile_e164": "+46701740699"}, "address_changed"),
        ],
    )
    def test_stops_a_test_of_what_is_another_persons_by_now(self, amina, karin, facts, code):
        send(amina, karin)
        Person.objects.filter(pk=amina.pk).update(**facts)

        delivery.deliver_due(now=clock.now())

        assert Notice.objects.get().last_code == code
        assert locmem.outbox == []

    def test_stops_a_test_when_the_person_has_gone_home(self, amina, karin, morning):
        send(amina, karin)
        morning.shift(delivery.TEST_WAITS + timedelta(seconds=1))

        delivery.deliver_due(now=clock.now())

        assert Notice.objects.get().last_code == "too_late"
        assert locmem.outbox == []

    def test_is_not_tried_again_the_next_morning(self, amina, karin):
        send(amina, karin)

        reports.apply(Notice.objects.get(), "locmem", Receipt("", NoticeState.UNDELIVERED, "30003"))

        assert Notice.objects.get().last_code == "30003"


class TestAnswer:
    def test_yes_proves_the_number(self, amina, karin):
        proving.answer(test=sent_to(amina, karin), received=True, by=karin)

        amina.refresh_from_db()
        event = amina.events.latest("pk")
        assert amina.mobile_confirmed_on == TUESDAY.date()
        assert (event.kind, event.by, event.at) == ("test_sms_received", karin, TUESDAY)
        assert event.changes == {"mobile_confirmed_on": [None, "2026-11-24"]}

    def test_yes_is_written_down_also_for_a_number_of_today(self, amina, karin):
        Person.objects.filter(pk=amina.pk).update(mobile_confirmed_on=TUESDAY.date())
        amina.refresh_from_db()

        proving.answer(test=sent_to(amina, karin), received=True, by=karin)

        event = amina.events.latest("pk")
        assert (event.kind, event.changes) == ("test_sms_received", {})

    def test_no_proves_nothing(self, amina, karin):
        proving.answer(test=sent_to(amina, karin), received=False, by=karin)

        amina.refresh_from_db()
        assert amina.mobile_confirmed_on is None
        assert kinds(amina) == ["test_sms_sent", "test_sms_missed"]

    def test_is_given_once(self, amina, karin):
        test = sent_to(amina, karin)
        proving.answer(test=test, received=True, by=karin)

        proving.answer(test=test, received=True, by=karin)
        with pytest.raises(NotAllowed):
            proving.answer(test=test, received=False, by=karin)

        assert kinds(amina) == ["test_sms_sent", "test_sms_received"]

    def test_is_refused_before_the_sms_has_left(self, amina, karin):
        send(amina, karin)

        with pytest.raises(NotAllowed):
            proving.answer(test=Notice.objects.get(), received=True, by=karin)

    def test_is_refused_when_the_number_is_another_by_now(self, amina, karin):
        test = sent_to(amina, karin)
        Person.objects.filter(pk=amina.pk).update(mobile_e164="+46701740699")

        with pytest.raises(NotAllowed):
            proving.answer(test=test, received=True, by=karin)

        amina.refresh_from_db()
        assert amina.mobile_confirmed_on is None

    @pytest.mark.parametrize("received", [True, False])
    def test_is_given_on_the_day_the_test_was_sent(self, amina, karin, morning, received):
        test = sent_to(amina, karin)
        morning.move_to(TUESDAY.replace(hour=23, minute=59))
        assert not proving.has_lapsed(test)
        morning.shift(timedelta(minutes=1))

        with pytest.raises(proving.Lapsed):
            proving.answer(test=test, received=received, by=karin)

        amina.refresh_from_db()
        assert amina.mobile_confirmed_on is None
        assert kinds(amina) == ["test_sms_sent"]

    def test_can_be_sent_again_on_another_day_without_another_event(self, amina, karin, morning):
        test = sent_to(amina, karin)
        proving.answer(test=test, received=True, by=karin)
        morning.shift(timedelta(days=1))

        proving.answer(test=test, received=True, by=karin)

        assert kinds(amina) == ["test_sms_sent", "test_sms_received"]

    def test_is_about_the_last_one(self, amina, karin, morning):
        first = sent_to(amina, karin)
        proving.answer(test=first, received=False, by=karin)
        morning.shift(timedelta(minutes=2))
        second = sent_to(amina, karin)

        assert proving.answer_to(second) is None
        proving.answer(test=second, received=True, by=karin)

        assert kinds(amina)[-2:] == ["test_sms_sent", "test_sms_received"]
        assert proving.answer_to(first) is False

    def test_is_refused_to_somebody_who_does_not_work_with_the_person(self, amina, karin):
        test = sent_to(amina, karin)

        with pytest.raises(PermissionDenied):
            proving.answer(test=test, received=True, by=UserFactory(role=Role.SUPPORT_CONTACT))


@pytest.mark.django_db(transaction=True)
class TestTwoAtTheSameSecond:
    def test_send_one(self, morning):
        karin = UserFactory(role=Role.SUPPORT_CONTACT)
        amina = person_of(karin)
        start, outcomes = Barrier(2), []

        def press():
            person = Person.objects.select_related("account").get(pk=amina.pk)
            start.wait()
            try:
                outcomes.append(send(person, karin))
            except proving.Refused as error:
                outcomes.append(error.reason)
            finally:
                connections.close_all()

        workers = [Thread(target=press) for _worker in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        assert len(outcomes) == 2
        assert Notice.objects.count() == 1

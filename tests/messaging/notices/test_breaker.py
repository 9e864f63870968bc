"""A provider is out of order: what waits is kept, one alarm is raised, and all leaves in turn."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail

from messaging.notices import breaker, delivery, handing_over
from messaging.notices.models import GatewayState, Notice
from messaging.notices.sms.base import Misconfigured, NotTaken, Unavailable, Unknown
from messaging.notices.states import NoticeState
from staff.models import Role
from tests.factories import NoticeFactory, PersonFactory, UserFactory
from tests.messaging.notices import gateways
from web import clock

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 11, 24, 9, 5, tzinfo=ZoneInfo("Europe/Stockholm"))
HERE = __name__


class First(gateways.Provider):
    """Answers with the fault that it has been given, or takes it."""

    name = "first"
    fault: Exception | None = None
    calls = 0

    def send(self, sms):
        First.calls += 1
        if First.fault:
            raise First.fault
        return super().send(sms)


class Reserve(gateways.Provider):
    name = "reserve"

    def find(self, sms):
        raise AssertionError("it never had anything")


@pytest.fixture(autouse=True)
def morning(settings, monkeypatch):
    gateways.taken.clear()
    First.fault, First.calls = None, 0
    settings.SMS_GATEWAY = f"{HERE}.First"
    settings.NOTICE_REST_SECONDS = 240
    monkeypatch.setattr(breaker.random, "uniform", lambda low, high: high)
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


def deliver() -> int:
    return delivery.deliver_due(now=clock.now())


def state() -> GatewayState:
    return GatewayState.objects.get(gateway="first")


def stop(morning, fault: Exception) -> None:
    First.fault = fault
    for _round in range(breaker.STOPS_AFTER):
        deliver()
        morning.shift(timedelta(seconds=60))
    assert state().stopped_at is not None


class TestAnOutage:
    @pytest.mark.parametrize("fault", [Unavailable("20429"), Misconfigured("20003")])
    def test_leaves_what_waits_in_the_queue_with_all_its_attempts(self, morning, fault):
        notices = NoticeFactory.create_batch(20)

        stop(morning, fault)

        assert {n.state for n in Notice.objects.all()} == {NoticeState.QUEUED}
        assert {n.failures for n in Notice.objects.all()} == {0}
        assert {n.not_before for n in Notice.objects.all()} == {n.not_before for n in notices}

    def test_makes_the_pause_longer_each_time(self, morning):
        NoticeFactory.create_batch(3)
        First.fault = Unavailable("20429")

        rests = []
        for _round in range(4):
            deliver()
            rests.append((state().try_after - clock.machine_now()).total_seconds())
            morning.move_to(state().try_after)

        assert rests == [2, 4, 8, 16]
        assert First.calls == 4

    def test_is_tried_at_least_every_fourth_minute(self, morning):
        NoticeFactory()
        stop(morning, Unavailable("20429"))
        for _hour in range(15):
            morning.move_to(state().try_after)
            deliver()

        assert state().try_after - clock.machine_now() <= timedelta(seconds=240)

    def test_gives_everything_in_order_when_it_is_over(self, morning):
        notices = NoticeFactory.create_batch(4)
        stop(morning, Unavailable("20429"))
        First.fault = None

        morning.shift(timedelta(seconds=240))
        deliver()

        assert [sms.reference for sms in gateways.taken] == [str(n.ref) for n in notices]
        assert (state().failures, state().stopped_at) == (0, None)

    def test_lets_one_notice_alone_find_out_whether_it_is_over(self, morning):
        stop_with = NoticeFactory()
        stop(morning, Unavailable("20429"))
        morning.move_to(state().try_after)

        assert breaker.enter("first") == 0
        assert breaker.enter("first") is None
        morning.shift(breaker.TRIAL)
        assert breaker.enter("first") == 0  # the worker that tried is dead
        assert stop_with.attempt == 0

    def test_stops_no_other_channel(self, morning):
        person = PersonFactory(account__active=True, account__notify_by_email=True)
        NoticeFactory(person=person)
        stop(morning, Misconfigured("20003"))
        email = NoticeFactory(email=True, person=person)

        deliver()

        email.refresh_from_db()
        assert email.state == NoticeState.SENT

    def test_also_is_when_nobody_knows_what_becomes_of_each(self, morning):
        NoticeFactory.create_batch(9)

        stop(morning, Unknown())

        assert Notice.objects.filter(state=NoticeState.IN_DOUBT).count() == breaker.STOPS_AFTER

    def test_of_one_notice_is_not_one_of_the_channel(self, morning):
        """A provider that says no to this one and yes to the next is in order."""
        for _notice in range(breaker.STOPS_AFTER + 1):
            breaker.fails("first", NotTaken("30007"), code="30007")
            breaker.works("first")

        assert state().stopped_at is None


class TestTheAlarm:
    @pytest.fixture
    def administrator(self):
        return UserFactory(role=Role.SYSTEM_ADMIN)

    def test_is_one_however_many_wait(self, morning, administrator):
        NoticeFactory.create_batch(9)
        stop(morning, Misconfigured("20003"))
        for _round in range(9):
            morning.move_to(state().try_after)
            deliver()

        [email] = mail.outbox
        assert email.to == [administrator.email]

    def test_reveals_nothing(self, morning, administrator):
        NoticeFactory()
        stop(morning, Misconfigured("20003"))

        [email] = mail.outbox
        assert email.subject == "Utskick har stannat"
        for word in ("soc", "sms", "20003", "+46"):
            assert word not in email.body.lower()

    def test_comes_at_once_when_only_a_person_can_mend_it(self, morning, administrator):
        NoticeFactory()
        First.fault = Misconfigured("20003")

        deliver()

        assert len(mail.outbox) == 1

    def test_comes_once_an_hour_from_a_provider_that_comes_and_goes(self, administrator, morning):
        for _time in range(3):
            breaker.fails("first", Misconfigured("20003"), code="20003")
            breaker.tell()
            breaker.works("first")
            morning.shift(timedelta(minutes=1))
        assert len(mail.outbox) == 1

        morning.shift(timedelta(hours=1))
        breaker.fails("first", Misconfigured("20003"), code="20003")
        breaker.tell()

        assert len(mail.outbox) == 2

    def test_that_cannot_be_mailed_stops_nothing(self, morning, administrator, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        breaker.fails("email", Misconfigured("535"), code="535")

        assert deliver() == 0
        assert GatewayState.objects.get().told_at is not None


class TestTryAgain:
    def test_gives_the_next_notice_at_once(self, morning):
        NoticeFactory.create_batch(2)
        stop(morning, Misconfigured("20003"))
        First.fault = None

        breaker.try_again("first")
        deliver()

        assert len(gateways.taken) == 2

    def test_rests_again_when_it_is_not_mended(self, morning):
        NoticeFactory.create_batch(2)
        stop(morning, Misconfigured("20003"))
        calls = First.calls

        breaker.try_again("first")
        deliver()
        deliver()

        assert First.calls == calls + 1


class TestTheRate:
    def test_is_so_many_a_second_for_all_workers_together(self, settings):
        settings.NOTICES_PER_SECOND = 10

        assert [breaker.enter("first") for _notice in range(4)] == [0, 0.1, 0.2, 0.3]

    def test_is_waited_for(self, settings, monkeypatch):
        settings.NOTICES_PER_SECOND = 4
        slept: list[float] = []
        monkeypatch.setattr(handing_over.time, "sleep", slept.append)
        NoticeFactory.create_batch(3)

        deliver()

        assert slept == [0, 0.25, 0.5]


class TestTheReserve:
    @pytest.fixture(autouse=True)
    def reserve(self, settings):
        settings.SMS_GATEWAY_RESERVE = f"{HERE}.Reserve"

    @pytest.mark.parametrize("fault", [NotTaken(), Unavailable("20429"), Misconfigured("20003")])
    def test_takes_what_the_first_provably_did_not(self, fault):
        notice = NoticeFactory()
        First.fault = fault

        deliver()

        notice.refresh_from_db()
        assert (notice.state, notice.provider) == (NoticeState.ACCEPTED, "reserve")

    def test_is_never_given_what_the_first_may_have_taken(self, morning):
        notice = NoticeFactory()
        First.fault = Unknown()

        deliver()

        notice.refresh_from_db()
        assert (notice.state, notice.provider) == (NoticeState.IN_DOUBT, "first")
        assert gateways.taken == []

    def test_is_given_all_while_the_first_rests(self, morning):
        First.fault = Misconfigured("20003")
        NoticeFactory.create_batch(5)

        deliver()

        assert First.calls == 1
        assert set(Notice.objects.values_list("provider", flat=True)) == {"reserve"}

    def test_is_asked_about_what_it_was_given_and_nothing_else(self, morning, settings):
        notice = NoticeFactory()
        First.fault = Unknown()
        deliver()
        gateways.taken.append(handing_over._as_sms(notice))

        morning.shift(timedelta(seconds=settings.NOTICE_SETTLE_SECONDS + 1))
        deliver()  # Reserve.find would fail the test

        notice.refresh_from_db()
        assert (notice.state, notice.provider) == (NoticeState.DELIVERED, "first")

    def test_that_is_taken_away_leaves_its_doubts_to_a_person(self, morning, settings):
        notice = NoticeFactory()
        First.fault = Unknown()
        deliver()
        settings.SMS_GATEWAY = f"{HERE}.Reserve"

        morning.shift(timedelta(seconds=settings.NOTICE_SETTLE_SECONDS + 1))
        deliver()

        notice.refresh_from_db()
        assert (notice.state, notice.last_code) == (NoticeState.NEEDS_HUMAN, "cannot_ask")

    def test_is_not_called_by_a_worker_that_has_lost_the_notice(self, monkeypatch):
        notice = NoticeFactory()

        class Slow(NotTaken):
            def __init__(self):
                super().__init__()
                Notice.objects.filter(pk=notice.pk).update(state=NoticeState.IN_DOUBT)

        monkeypatch.setattr(First, "send", lambda self, sms: (_ for _ in ()).throw(Slow()))

        deliver()

        assert gateways.taken == []


class TestPriority:
    def test_is_given_to_what_somebody_waits_for(self):
        NoticeFactory.create_batch(3, not_before=MORNING - timedelta(hours=1))
        test_sms = NoticeFactory(urgent=True, not_before=MORNING)

        deliver()

        assert gateways.taken[0].reference == str(test_sms.ref)

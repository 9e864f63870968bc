"""What a report may change: only upwards, whatever the order."""

import random
from datetime import datetime, timedelta
from itertools import combinations_with_replacement, permutations

import pytest
from django.utils import timezone

from messaging.notices import delivery, reports
from messaging.notices.models import Channel, Notice, ProviderEvent
from messaging.notices.sms.base import Receipt
from messaging.notices.states import TOLD, TRANSITIONS, NoticeState, climb
from persons.models import EServiceAccount
from tests.factories import NoticeFactory
from web import clock

pytestmark = pytest.mark.django_db

S = NoticeState
LONG = range(12, 500)


@pytest.fixture(autouse=True)
def morning(time_machine):
    time_machine.move_to("2026-11-24T10:00:00+01:00", tick=False)
    return time_machine


@pytest.fixture
def now() -> datetime:
    return clock.machine_now()


def told(
    notice: Notice, *states: NoticeState, code: str = "", provider_id: str = "id-1"
) -> NoticeState:
    for state in states:
        receipt = Receipt(provider_id, state, code, status=state)
        reports.receive("provider", notice.ref, receipt)
    notice.refresh_from_db()
    return S(notice.state)


class TestAReport:
    @pytest.mark.parametrize(
        "before", [S.QUEUED, S.SENDING, S.IN_DOUBT, S.CANCELLED, S.NEEDS_HUMAN]
    )
    def test_counts_for_more_than_what_we_had_guessed(self, before):
        notice = NoticeFactory(state=before, attempt=1)

        assert told(notice, S.DELIVERED) == S.DELIVERED
        assert notice.provider_id == "id-1"
        assert notice.settled_at

    def test_is_never_taken_back_by_a_lower_one(self):
        notice = NoticeFactory(state=S.SENDING, attempt=1)

        assert told(notice, S.DELIVERED, S.SENT, S.ACCEPTED, S.UNDELIVERED) == S.DELIVERED
        assert notice.events.count() == 1

    def test_told_twice_is_one_event_and_one_row(self):
        notice = NoticeFactory(state=S.SENDING, attempt=1)

        told(notice, S.SENT, S.SENT)

        assert notice.events.count() == 1
        assert ProviderEvent.objects.count() == 1

    def test_that_is_not_the_last_says_when_to_ask(self):
        notice = NoticeFactory(state=S.SENDING, attempt=1, started_at=clock.machine_now())

        told(notice, S.SENT)

        assert notice.settled_at is None
        assert notice.ask_at == notice.started_at + reports.LOOKS[0]

    def test_of_an_id_that_a_look_up_gave_to_another_notice_still_counts(self):
        NoticeFactory(state=S.SENT, provider="provider", provider_id="id-1")
        notice = NoticeFactory(state=S.IN_DOUBT, attempt=1)

        assert told(notice, S.DELIVERED) == S.DELIVERED
        assert notice.provider_id == ""

    def test_of_a_second_message_does_not_take_the_first_ones_place(self):
        notice = NoticeFactory(state=S.SENT, provider="provider", provider_id="id-1")

        assert told(notice, S.DELIVERED, provider_id="id-2") == S.DELIVERED
        assert notice.provider_id == "id-1"

    def test_that_comes_before_the_worker_has_written_is_not_written_over(self):
        notice = NoticeFactory(state=S.SENDING, attempt=1)
        held_by_the_worker = Notice.objects.get(pk=notice.pk)

        told(notice, S.DELIVERED)
        answered = Receipt("id-1", S.ACCEPTED)
        written = reports.write(held_by_the_worker, answered, provider_id="id-1")

        assert not written
        assert Notice.objects.get(pk=notice.pk).state == S.DELIVERED


class TestTheNextLook:
    @pytest.mark.parametrize(
        ("passed", "then"),
        [
            (timedelta(), timedelta(minutes=15)),
            (timedelta(minutes=15), timedelta(hours=1)),
            (timedelta(hours=2), timedelta(hours=6)),
            (timedelta(hours=7), timedelta(days=1)),
            (timedelta(hours=71), timedelta(days=3)),
        ],
    )
    def test_comes_later_each_time(self, now, passed, then):
        notice = NoticeFactory.build(person=None, address="", started_at=now - passed)

        assert reports.next_look(notice) == notice.started_at + then

    def test_never_comes_after_72_hours(self, now):
        start = now - timedelta(hours=72)

        assert reports.next_look(Notice(channel=Channel.SMS, started_at=start)) is None

    def test_at_an_email_is_the_last_at_once(self, now):
        notice = Notice(channel=Channel.EMAIL, started_at=now)

        assert reports.next_look(notice) == now + timedelta(hours=72)


class TestWhatATelephoneDidNotTake:
    @pytest.fixture
    def off(self) -> Notice:
        """Sent in the morning, and it expired when the hours were over."""
        notice = NoticeFactory(state=S.SENT, attempt=1)
        told(notice, S.UNDELIVERED, code="30003")
        return notice

    def test_is_sent_once_more_the_next_morning_as_a_notice_of_its_own(self, off):
        again = off.again

        assert (again.state, again.attempt, again.provider_id) == (S.QUEUED, 0, "")
        assert (again.address, again.text) == (off.address, off.text)
        assert again.dedupe_key == f"{off.dedupe_key}:again"
        assert again.ref != off.ref
        assert timezone.localtime(again.not_before).isoformat() == "2026-11-25T09:00:00+01:00"

    def test_waits_for_the_next_working_day(self, morning):
        morning.move_to("2026-11-27T15:00:00+01:00")
        notice = NoticeFactory(state=S.SENT, attempt=1)

        told(notice, S.UNDELIVERED, code="30008")

        again = timezone.localtime(notice.again.not_before)
        assert again.isoformat() == "2026-11-30T09:00:00+01:00"

    def test_is_not_sent_a_third_time(self, off):
        again = off.again
        Notice.objects.filter(pk=again.pk).update(state=S.SENT, attempt=1)

        told(again, S.UNDELIVERED, code="30003", provider_id="id-2")

        assert Notice.objects.count() == 2

    def test_told_again_is_not_sent_again(self, off):
        told(off, S.FAILED, S.UNDELIVERED, code="30003")

        assert Notice.objects.count() == 2

    def test_and_took_after_all_is_not_sent_again(self, off):
        told(off, S.DELIVERED)

        off.again.refresh_from_db()
        assert (off.again.state, off.again.last_code) == (S.CANCELLED, "arrived")

    def test_and_is_read_in_the_evening_is_not_sent_again(self, off, morning):
        EServiceAccount.objects.filter(person=off.person).update(read_until=clock.now())
        morning.move_to("2026-11-25T09:00:00+01:00")

        delivery.deliver_due(now=clock.now())

        off.again.refresh_from_db()
        assert (off.again.state, off.again.last_code) == (S.CANCELLED, "read")

    def test_because_the_number_is_wrong_is_not_sent_again(self):
        notice = NoticeFactory(state=S.SENT, attempt=1)

        told(notice, S.UNDELIVERED, code="30005")

        assert Notice.objects.count() == 1


class TestAnyOrder:
    """Reports come near each other, late and twice: only which there were makes a difference."""

    def test_of_up_to_six_reports_ends_in_the_same_state(self):
        for count in range(1, 7):
            for some in combinations_with_replacement(range(len(TOLD)), count):
                highest = TOLD[max(some)]
                for order in set(permutations(some)):
                    for start in (S.SENDING, S.ACCEPTED):
                        state = start
                        for height in order:
                            state = climb(state, TOLD[height])
                        assert state == highest

    def test_makes_only_moves_that_the_table_has(self):
        for old in S:
            for new in set(TOLD) - {S.NO_REPORT}:
                if (reached := climb(old, new)) != old:
                    assert reached in TRANSITIONS[old]

    @pytest.mark.parametrize(
        "seed", [*range(12), *(pytest.param(n, marks=pytest.mark.verification) for n in LONG)]
    )
    def test_in_the_database_too(self, seed):
        chance = random.Random(seed)
        notice = NoticeFactory(state=S.SENDING, attempt=1)
        some = chance.choices([s for s in TOLD if s != S.NO_REPORT], k=6)

        assert told(notice, *some) == max(some, key=TOLD.index)
        assert {event.status for event in notice.provider_events.all()} == set(some)

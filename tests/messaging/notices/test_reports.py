"""What a report may change: only upwards, whatever the order."""

from datetime import timedelta

import pytest

from messaging.notices import reports
from messaging.notices.models import Notice, ProviderEvent
from messaging.notices.sms.base import Receipt
from messaging.notices.states import NoticeState
from tests.factories import NoticeFactory
from web import clock

pytestmark = pytest.mark.django_db

S = NoticeState


def told(notice: Notice, *states: NoticeState, provider_id: str = "id-1") -> NoticeState:
    for state in states:
        reports.receive("provider", notice.ref, Receipt(provider_id, state, status=state))
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
    def test_comes_later_each_time(self, passed, then):
        start = clock.machine_now()

        assert reports.next_look(start, start + passed) == start + then

    def test_never_comes_after_72_hours(self):
        start = clock.machine_now()

        assert reports.next_look(start, start + timedelta(hours=72)) is None

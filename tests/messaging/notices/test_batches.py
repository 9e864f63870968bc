"""Many that are claimed together: what holds for one holds for each of them."""

import pytest

from messaging.notices import delivery, restoring
from messaging.notices.models import NotAllowed, Notice, NoticeEvent
from messaging.notices.sms.base import NotTaken, Receipt, Sms, Unavailable, Unknown, WrongAddress
from messaging.notices.states import NoticeState
from messaging.wording.revealing import Lookout
from persons.models import Person
from tests.factories import NoticeFactory, PersonFactory
from tests.messaging.notices import gateways
from web import clock

pytestmark = pytest.mark.django_db

HERE = "tests.messaging.notices"
S = NoticeState


@pytest.fixture(autouse=True)
def morning(time_machine, settings):
    time_machine.move_to("2026-11-24T10:00:00+01:00", tick=False)
    gateways.taken.clear()
    settings.SMS_GATEWAY = f"{HERE}.gateways.Provider"
    settings.NOTICES_PER_SECOND = 0
    # As if there had been a first round.
    restoring.require_current()


class Failing(gateways.Provider):
    """Takes no more than two."""

    fault: Exception = Unknown()

    def send(self, sms: Sms) -> Receipt:
        if len(gateways.taken) == 2:
            raise self.fault
        return super().send(sms)


def states() -> list[str]:
    return list(Notice.objects.order_by("pk").values_list("state", flat=True))


def send(batch: delivery.Batch) -> int:
    return delivery._send_all(batch, delivery.Round(Lookout()))


class TestABatch:
    def test_is_committed_before_the_first_of_it_leaves(self):
        NoticeFactory.create_batch(3)

        batch = delivery.claim(now=clock.now(), at_most=5)

        assert states() == [S.SENDING] * 3
        assert [(one.state, one.attempt) for one in batch.notices] == [(S.SENDING, 1)] * 3
        assert NoticeEvent.objects.filter(to_state=S.SENDING).count() == 3
        assert restoring.outside().claims == 1

    def test_is_written_down_each_with_its_own_id(self):
        NoticeFactory.create_batch(3)

        send(delivery.claim(now=clock.now(), at_most=5))

        assert states() == [S.ACCEPTED] * 3
        assert set(Notice.objects.values_list("provider_id", flat=True)) == {"id-1", "id-2", "id-3"}
        assert Notice.objects.filter(ask_at__isnull=False).count() == 3
        assert NoticeEvent.objects.filter(to_state=S.ACCEPTED).count() == 3

    def test_has_one_notice_to_each_address(self):
        NoticeFactory.create_batch(3, person=PersonFactory(account__active=True))

        batch = delivery.claim(now=clock.now(), at_most=5)

        assert len(batch.notices) == 1

    def test_has_nobody_who_may_no_longer_be_told(self):
        notices = NoticeFactory.create_batch(3)
        Person.objects.filter(pk=notices[1].person_id).update(deceased_on=clock.today())

        batch = delivery.claim(now=clock.now(), at_most=5)

        assert batch.notices == [notices[0], notices[2]]
        assert states() == [S.SENDING, S.CANCELLED, S.SENDING]

    def test_is_of_one_while_somebody_has_said_how_fast(self, settings):
        settings.NOTICES_PER_SECOND = 10
        NoticeFactory.create_batch(3)

        assert len(delivery.claim(now=clock.now(), at_most=5).notices) == 1

    def test_grows_while_it_is_quick(self):
        assert delivery._next_size(4, 0.1) == 8
        assert delivery._next_size(64, 0.1) == delivery.AT_MOST
        assert delivery._next_size(8, delivery.BATCH_SECONDS) == 4
        assert delivery._next_size(1, delivery.BATCH_SECONDS) == 1

    def test_that_takes_too_long_gives_the_rest_back(self, monkeypatch):
        NoticeFactory.create_batch(3)
        batch = delivery.claim(now=clock.now(), at_most=5)
        monkeypatch.setattr(delivery, "BATCH_SECONDS", -1)

        assert send(batch) == 1

        assert states() == [S.ACCEPTED, S.QUEUED, S.QUEUED]

    @pytest.mark.parametrize(
        ("fault", "state"),
        [
            (Unknown(), S.IN_DOUBT),
            (NotTaken(), S.QUEUED),
            (Unavailable("20429"), S.QUEUED),
        ],
    )
    def test_ends_at_a_fault_and_gives_the_rest_back(self, settings, monkeypatch, fault, state):
        settings.SMS_GATEWAY = f"{HERE}.test_batches.Failing"
        monkeypatch.setattr(Failing, "fault", fault)
        NoticeFactory.create_batch(5)

        assert send(delivery.claim(now=clock.now(), at_most=5)) == 3

        assert states() == [S.ACCEPTED, S.ACCEPTED, state, S.QUEUED, S.QUEUED]
        assert set(Notice.objects.values_list("failures", flat=True)) <= {0, 1}

    def test_goes_on_after_a_wrong_address(self, settings, monkeypatch):
        settings.SMS_GATEWAY = f"{HERE}.test_batches.Failing"
        monkeypatch.setattr(Failing, "fault", WrongAddress("21211"))
        NoticeFactory.create_batch(3)

        assert send(delivery.claim(now=clock.now(), at_most=5)) == 3

        assert states() == [S.ACCEPTED, S.ACCEPTED, S.FAILED]

    def test_whose_worker_is_stopped_writes_down_what_it_knows(self, settings, monkeypatch):
        settings.SMS_GATEWAY = f"{HERE}.test_batches.Failing"
        monkeypatch.setattr(Failing, "fault", gateways.Killed())
        NoticeFactory.create_batch(4)
        batch = delivery.claim(now=clock.now(), at_most=5)

        with pytest.raises(gateways.Killed):
            send(batch)

        assert states() == [S.ACCEPTED, S.ACCEPTED, S.SENDING, S.QUEUED]

    def test_with_an_id_that_is_anothers_leaves_that_one_in_doubt(self):
        NoticeFactory(state=S.SENT, provider="provider", provider_id="id-2")
        NoticeFactory.create_batch(3)

        send(delivery.claim(now=clock.now(), at_most=5))

        assert states() == [S.SENT, S.ACCEPTED, S.IN_DOUBT, S.ACCEPTED]


class TestMoveAll:
    def test_leaves_alone_what_somebody_else_has_moved(self):
        first, second, third = NoticeFactory.create_batch(3)
        Notice.objects.filter(pk=second.pk).update(state=S.CANCELLED)
        Notice.objects.filter(pk=third.pk).update(attempt=1)

        moved = Notice.objects.move_all([first, second, third], S.SENDING, attempts=1)

        assert moved == [first]
        assert states() == [S.SENDING, S.CANCELLED, S.QUEUED]
        assert NoticeEvent.objects.get().notice == first

    def test_goes_by_the_table(self):
        notices = NoticeFactory.create_batch(2)

        with pytest.raises(NotAllowed):
            Notice.objects.move_all(notices, S.NO_REPORT)

        assert states() == [S.QUEUED] * 2

from datetime import timedelta

import pytest

from messaging.notices import outcomes, polling, reports, tasks
from messaging.notices.models import Notice
from messaging.notices.sms.base import NotTaken, Receipt, Sms
from messaging.notices.states import NoticeState
from tests.factories import NoticeFactory
from tests.messaging.notices import gateways
from web import clock

pytestmark = pytest.mark.django_db

HERE = "tests.messaging.notices.test_polling"
S = NoticeState


class Silent(gateways.Provider):
    """Has taken everything, and calls nobody back."""

    def find(self, sms: Sms) -> list[Receipt]:
        return [Receipt(sms.provider_id, S.SENT, status="sent")]


class Knowing(Silent):
    def find(self, sms: Sms) -> list[Receipt]:
        return [Receipt(sms.provider_id, S.DELIVERED, status="delivered")]


class Unreachable(Silent):
    def find(self, sms: Sms) -> list[Receipt]:
        raise NotTaken


@pytest.fixture(autouse=True)
def morning(time_machine, settings):
    settings.SMS_GATEWAY = f"{HERE}.Silent"
    time_machine.move_to("2026-11-24T10:00:00+01:00", tick=False)
    return time_machine


@pytest.fixture
def notice(morning) -> Notice:
    """Handed over a quarter of an hour ago."""
    start = clock.machine_now()
    notice = NoticeFactory(
        state=S.SENT, attempt=1, provider="provider", provider_id="id-1", started_at=start,
        ask_at=start + timedelta(minutes=15),
    )  # fmt: skip
    morning.shift(timedelta(minutes=15))
    return notice


class TestAProviderThatDoesNotTell:
    def test_is_asked_by_the_id_it_gave(self, settings, notice):
        settings.SMS_GATEWAY = f"{HERE}.Knowing"

        assert polling.ask_due() == 1

        notice.refresh_from_db()
        assert (notice.state, notice.ask_at) == (S.DELIVERED, None)
        assert notice.provider_events.get().status == "delivered"

    def test_is_not_asked_before_it_is_time(self, notice):
        Notice.objects.update(ask_at=clock.machine_now() + timedelta(seconds=1))

        assert polling.ask_due() == 0

    @pytest.mark.parametrize("gateway", ["Silent", "Unreachable"])
    def test_is_asked_again_later(self, settings, notice, gateway):
        settings.SMS_GATEWAY = f"{HERE}.{gateway}"

        polling.ask_due()

        notice.refresh_from_db()
        assert notice.state == S.SENT
        assert notice.ask_at == notice.started_at + timedelta(hours=1)

    def test_is_asked_six_times_and_has_then_nothing_to_tell(self, notice, morning):
        asked = 0
        for _quarter in range(72 * 4 + 4):
            asked += polling.ask_due()
            morning.shift(timedelta(minutes=15))

        notice.refresh_from_db()
        assert asked == 6
        assert (notice.state, notice.ask_at) == (S.NO_REPORT, None)
        assert notice.settled_at == notice.started_at + timedelta(hours=72)

    def test_and_is_in_use_no_more_has_nothing_to_tell_either(self, settings, notice, morning):
        settings.SMS_GATEWAY = "messaging.notices.sms.locmem.Gateway"
        morning.shift(timedelta(hours=72))

        polling.ask_due()

        notice.refresh_from_db()
        assert notice.state == S.NO_REPORT

    def test_is_asked_about_so_many_that_a_round_can_end(self, notice, monkeypatch):
        monkeypatch.setattr(polling, "AT_MOST", 0)

        assert polling.ask_due() == 0

    def test_is_asked_by_one_of_two_workers(self, notice):
        held_by_another = Notice.objects.get(pk=notice.pk)
        polling.ask_due()

        assert not polling._ask(held_by_another)


class TestAnEmailWithoutReport:
    def test_is_let_be_after_72_hours(self, morning):
        start = clock.machine_now()
        notice = NoticeFactory(
            email=True, state=S.SENT, provider="email", provider_id="<a@b>",
            started_at=start, ask_at=start + timedelta(hours=72),
        )  # fmt: skip

        morning.shift(timedelta(hours=72))
        tasks.ask_providers()

        notice.refresh_from_db()
        assert notice.state == S.NO_REPORT


class TestARowWithoutATime:
    """From before there was one, or of which a report came when the asking was over."""

    def test_is_asked_about_at_once(self, settings, notice):
        settings.SMS_GATEWAY = f"{HERE}.Knowing"
        Notice.objects.update(ask_at=None)

        polling.ask_due()

        notice.refresh_from_db()
        assert notice.state == S.DELIVERED

    def test_that_is_young_is_asked_again_when_its_turn_comes(self, notice):
        Notice.objects.update(ask_at=None)

        polling.ask_due()

        notice.refresh_from_db()
        assert notice.ask_at == notice.started_at + timedelta(hours=1)

    @pytest.mark.parametrize("started", [True, False])
    def test_that_is_old_goes_to_a_person(self, notice, started):
        long_ago = clock.machine_now() - timedelta(hours=73)
        start = long_ago if started else None
        Notice.objects.update(ask_at=None, started_at=start, created_at=long_ago)

        polling.ask_due()

        notice.refresh_from_db()
        assert notice.state == S.NO_REPORT
        assert outcomes.of(notice) is outcomes.SMS_UNSURE

    def test_is_never_left_by_a_report_that_comes_when_all_looks_are_over(self, notice, morning):
        Notice.objects.update(state=S.NEEDS_HUMAN, ask_at=None)
        morning.shift(timedelta(hours=80))

        reports.receive("provider", notice.ref, Receipt("id-1", S.SENT, status="sent"))
        polling.ask_due()

        notice.refresh_from_db()
        assert notice.state == S.NO_REPORT

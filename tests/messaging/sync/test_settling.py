import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from messaging.sync import run
from messaging.sync.gateways import builtin
from messaging.sync.guard import SYNCED
from messaging.sync.models import SyncRun
from persons.models import EServiceAccount, PersonEvent
from persons.states import SwitchState
from tests.factories import (
    AccountFactory,
    PersonFactory,
    ProtectionDecisionFactory,
    RelationFactory,
    SyncRunFactory,
)
from tests.messaging.sync.test_run import NIGHT
from web import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def night():
    with time_machine.travel(NIGHT, tick=False):
        yield


def outcome() -> tuple:
    rows = [list(model.objects.order_by("pk").values()) for model in SYNCED]
    history = PersonEvent.objects.order_by("person", "kind").values("person", "kind", "changes")
    [ledger] = SyncRun.objects.values("state", "done_count", "refused_count", "left_count")
    return rows, list(history), ledger


class TestSettle:
    def test_makes_of_every_row_what_an_answer_would_have_made(self, monkeypatch):
        for state in ("pending", "failed", "pending_change", "closing", "active"):
            AccountFactory(**{state: True})
            RelationFactory(**{state: True})
        AccountFactory()
        for protected in PersonFactory.create_batch(2, protected=True, account__pending=True):
            RelationFactory(principal=protected, pending=True)
        ProtectionDecisionFactory(person=protected)
        AccountFactory(person__deceased=True, closing=True)
        RelationFactory(representative__deceased=True, pending=True)

        with transaction.atomic():
            run.run()
            settled = outcome()
            transaction.set_rollback(True)
        monkeypatch.setattr(builtin.Gateway, "asks_nobody", False)
        run.run()

        assert settled == outcome()
        # One decision lets one of them in; nothing lets in who would act for the protected.
        assert (settled[2]["done_count"], settled[2]["refused_count"]) == (10, 4)

    def test_asks_as_much_for_many_as_for_one(self):
        def asked_for(many: int) -> int:
            SyncRun.objects.all().delete()
            AccountFactory.create_batch(many, pending=True)
            with CaptureQueriesContext(connection) as asked:
                run.run()
            return len(asked)

        assert asked_for(20) == asked_for(1)
        assert EServiceAccount.objects.filter(state=SwitchState.ACTIVE).count() == 21


class TestANightWithNothingToDo:
    def test_asks_ten_questions(self):
        AccountFactory(active=True)

        with CaptureQueriesContext(connection) as asked:
            run.run_if_due(clock.now())

        assert SyncRun.objects.get().state == "done"
        assert len(asked) <= 10

    def test_is_begun_by_one_of_two(self, monkeypatch):
        SyncRunFactory(local_date=clock.today())
        monkeypatch.setattr(SyncRun.objects, "filter", lambda **_: SyncRun.objects.none())

        with transaction.atomic(), pytest.raises(run.AlreadyRunning):
            run.run()

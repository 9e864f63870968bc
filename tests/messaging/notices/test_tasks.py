from io import StringIO

import pytest
from django.core.management import call_command

from messaging.notices import tasks
from messaging.notices.sms import locmem
from tests.factories import NoticeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def morning(time_machine):
    time_machine.move_to("2026-11-24T10:00:00+01:00", tick=False)


class TestDeliverDueNotices:
    def test_sends_what_may_leave_now(self):
        notice = NoticeFactory()

        tasks.deliver_due_notices()

        assert [sms.to for sms in locmem.outbox] == [notice.address]


class TestRunDeliveries:
    def test_does_the_same_where_there_is_no_celery(self):
        NoticeFactory()
        printed = StringIO()

        call_command("run_deliveries", stdout=printed)

        assert len(locmem.outbox) == 1
        assert printed.getvalue() == "1 skickade\n"

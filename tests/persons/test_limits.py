from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from persons import limits
from persons.models import AccessLogEntry
from staff.models import Role
from tests.factories import UserFactory
from web import clock

pytestmark = pytest.mark.django_db

Action = AccessLogEntry.Action


@pytest.fixture
def karin():
    return UserFactory(role=Role.SUPPORT_CONTACT)


@pytest.fixture
def now() -> datetime:
    return clock.now()


def log(user, count=1, **fields):
    fields = {"action": Action.SEARCH, "at": clock.now()} | fields
    AccessLogEntry.objects.bulk_create(AccessLogEntry(user=user, **fields) for _ in range(count))


class TestAllowSearch:
    def test_lets_thirty_through_in_a_minute_and_no_more(self, karin, now):
        log(karin, 29)

        limits.allow_search(karin, now=now)
        log(karin)

        with pytest.raises(limits.TooMuch, match="Vänta en minut"):
            limits.allow_search(karin, now=now)

    @pytest.mark.parametrize(
        "fields",
        [{"refused": True}, {"action": Action.VIEW}, {"at": clock.now() - timedelta(seconds=61)}],
    )
    def test_counts_only_searches_of_the_last_minute_that_were_answered(self, karin, now, fields):
        log(karin, 30, **fields)

        limits.allow_search(karin, now=now)

    def test_counts_each_user_alone(self, karin, now):
        log(UserFactory(), 30)

        limits.allow_search(karin, now=now)

    def test_lets_two_hundred_different_people_be_shown_in_an_hour(self, karin, now):
        earlier = now - timedelta(minutes=59)
        log(karin, 40, at=earlier, listed=list(range(199)))

        limits.allow_search(karin, now=now)
        log(karin, at=earlier, listed=[198, 199])

        with pytest.raises(limits.TooMuch, match="många personer"):
            limits.allow_search(karin, now=now)

    def test_forgets_whom_was_shown_after_an_hour(self, karin, now):
        log(karin, at=now - timedelta(minutes=61), listed=list(range(300)))

        limits.allow_search(karin, now=now)

    @pytest.mark.parametrize(
        ("fields", "event"),
        [
            ({}, "too many searches"),
            ({"at": clock.now() - timedelta(minutes=2), "listed": list(range(200))},
             "too many persons searched"),
        ],
    )  # fmt: skip
    def test_warns_those_who_watch_with_the_id_of_the_user(self, karin, now, fields, event):
        log(karin, 30, **fields)

        with capture_logs() as lines, pytest.raises(limits.TooMuch):
            limits.allow_search(karin, now=now)

        assert lines == [{"event": event, "user": karin.pk, "log_level": "warning"}]

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils.html import strip_tags

from messaging.inbox import actions as inbox
from messaging.sync import run
from onboarding import facts
from persons.models import Case
from staff.models import Role
from tests.factories import AccountFactory, CaseFactory, MessageFactory, SyncRunFactory, UserFactory
from tests.messaging.sync.test_run import HERE
from web import clock

pytestmark = pytest.mark.django_db

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MONDAY = datetime(2026, 11, 23, 10, tzinfo=STOCKHOLM)
NIGHT = datetime(2026, 11, 24, 3, 30, tzinfo=STOCKHOLM)
NINE = datetime(2026, 11, 24, 9, tzinfo=STOCKHOLM)


@pytest.fixture(autouse=True)
def moment():
    with time_machine.travel(MONDAY, tick=False) as traveller:
        SyncRunFactory()
        yield traveller


@pytest.fixture
def karin():
    return UserFactory(role=Role.SUPPORT_CONTACT)


@pytest.fixture
def amina(karin):
    account = AccountFactory(
        pending=True, person__given_name="Amina", switched_on_by=karin, switched_on_at=MONDAY
    )
    CaseFactory(person=account.person, support_contact=karin)
    return account


def start_page(client, user) -> str:
    client.force_login(user)
    return " ".join(strip_tags(client.get("/").content.decode()).split())


class TestTheStartPage:
    def test_tells_who_can_use_it_since_today(self, client, karin, amina, moment):
        moment.move_to(NIGHT)
        run.run()
        moment.move_to(NINE)

        assert "Amina kan använda tjänsten sedan i dag." in start_page(client, karin)
        moment.shift(timedelta(days=1))
        assert "Amina kan använda" not in start_page(client, karin)

    def test_tells_why_not(self, client, karin, amina, moment, settings):
        settings.SYNC_GATEWAY = f"{HERE}.Refusing"
        moment.move_to(NIGHT)
        run.run()
        moment.move_to(NINE)

        assert (
            "Amina kan inte använda tjänsten än. Personnumret finns inte i e-tjänsten."
        ) in start_page(client, karin)

    def test_tells_only_who_switched_on(self, client, amina, moment):
        erik = UserFactory(role=Role.CASE_WORKER)
        Case.objects.update(case_worker=erik)
        moment.move_to(NIGHT)
        run.run()
        moment.move_to(NINE)

        assert "kan använda tjänsten sedan i dag" not in start_page(client, erik)

    def test_says_nothing_of_the_night_when_it_came_through(self, client, karin):
        assert "gick inte igenom" not in start_page(client, karin)


class TestANightThatFails:
    def test_moves_every_promise_and_lets_nobody_in_before_it_is_true(
        self, client, karin, amina, moment, settings
    ):
        """Promised for Tuesday; the night fails until Tuesday afternoon; true on Wednesday."""
        welcome = MessageFactory(person=amina.person, written_by=karin)
        assert promised(amina) == (date(2026, 11, 24), NINE)
        settings.SYNC_GATEWAY = f"{HERE}.Unreachable"
        moment.move_to(NIGHT)
        with pytest.raises(ConnectionError):
            run.run_if_due(NIGHT)

        moment.move_to(NINE.replace(hour=13))

        wednesday = NINE + timedelta(days=1)
        assert promised(amina) == (wednesday.date(), wednesday)
        words = start_page(client, karin)
        assert "Det är inte ditt fel." in words
        assert "tidigast i morgon, onsdag 25 november." in words
        assert inbox.release_due(now=clock.now()) == 0
        settings.SYNC_GATEWAY = f"{HERE}.Recording"
        run.run_if_due(clock.now())
        assert inbox.release_due(now=clock.now()) == 0

        moment.move_to(wednesday)

        assert inbox.release_due(now=wednesday) == 1
        amina.refresh_from_db()
        welcome.refresh_from_db()
        assert (amina.usable_from, welcome.readable_at) == (wednesday.date(), wednesday)


def promised(account) -> tuple[date, datetime]:
    [found] = facts.load(Case.objects.filter(person=account.person))
    return found.usable_from, found.welcome_moment

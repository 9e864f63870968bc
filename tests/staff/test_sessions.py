from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from staff.models import Role
from tests.factories import UserFactory
from web import clock

pytestmark = pytest.mark.django_db

NINE = "2026-11-23T08:00Z"
SIGNED_OUT = "Du är utloggad."


@pytest.fixture
def at():
    """Moves the clock: `at(minutes=29)` is 29 minutes after sign-in."""
    with time_machine.travel(NINE, tick=False) as traveller:
        start = clock.machine_now()
        yield lambda **later: traveller.move_to(start + timedelta(**later))


@pytest.fixture
def signed_in(client, at):
    client.force_login(UserFactory(role=Role.SUPPORT_CONTACT))
    client.get(reverse("start"))
    return client


def is_signed_in(client) -> bool:
    return client.get(reverse("start")).status_code == 200


class TestIdleTime:
    def test_ends_the_session_after_thirty_minutes(self, signed_in, at):
        at(minutes=30)

        assert not is_signed_in(signed_in)

    def test_is_counted_from_the_last_thing_done(self, signed_in, at):
        at(minutes=29)
        assert is_signed_in(signed_in)
        at(minutes=58)

        assert is_signed_in(signed_in)

    def test_is_not_kept_short_by_a_page_that_asks_how_long_is_left(self, signed_in, at):
        for minutes in (10, 20, 29):
            at(minutes=minutes)
            assert signed_in.get(reverse("session")).json()["seconds"] == (30 - minutes) * 60
        at(minutes=30)

        assert not is_signed_in(signed_in)

    def test_begins_anew_when_the_warning_is_answered(self, signed_in, at):
        at(minutes=29)

        answer = signed_in.post(reverse("session")).json()

        assert answer == {"seconds": 30 * 60, "may_stay": True}

    def test_costs_one_write_a_minute_at_most(self, signed_in, at):
        for seconds, writes in ((59, 0), (61, 1), (100, 0)):
            at(seconds=seconds)
            with CaptureQueriesContext(connection) as queries:
                signed_in.get(reverse("cookies"))
            written = [q for q in queries if "django_session" in q["sql"]]
            assert bool(written) == bool(writes), seconds

    def test_follows_the_machines_clock_and_not_the_demos(self, signed_in, settings, tmp_path):
        settings.CLOCK_OFFSET_FILE = tmp_path / "demo-clock"
        clock.move_to(clock.now() + timedelta(days=3))

        assert is_signed_in(signed_in)


class TestWholeTime:
    def test_ends_the_session_after_twelve_hours_whatever_one_does(self, signed_in, at):
        for half_hours in range(25):
            at(minutes=half_hours * 29)
            assert is_signed_in(signed_in) == (half_hours * 29 < 12 * 60)

    def test_cannot_be_made_longer_by_answering_the_warning(self, signed_in, at):
        for half_hours in range(25):
            at(minutes=half_hours * 29)
            signed_in.post(reverse("session"))
        at(hours=11, minutes=58)

        answer = signed_in.post(reverse("session")).json()

        assert answer == {"seconds": 120, "may_stay": False}


class TestWhoIsSignedOut:
    def test_is_told_why_and_comes_back_to_the_page(self, signed_in, at):
        at(minutes=31)
        page = f"{reverse('start')}?vy=alla"

        response = signed_in.get(page, follow=True)

        assert response.redirect_chain == [("/konto/logga-in/?next=/%3Fvy%3Dalla", 302)]
        assert SIGNED_OUT in response.content.decode()
        assert "30 minuter" in response.content.decode()
        assert "så kommer du tillbaka hit" in response.content.decode()

    def test_is_told_so_when_the_day_is_over(self, signed_in, at):
        at(hours=12)

        response = signed_in.get(reverse("start"), follow=True)

        assert "En inloggning gäller i 12 timmar." in response.content.decode()

    def test_comes_back_to_the_page_with_the_form_that_was_sent(self, signed_in, at):
        at(minutes=31)

        response = signed_in.post(
            reverse("run_sync"), headers={"referer": "http://testserver/synkning/?a=b"}
        )

        assert response.url == "/konto/logga-in/?next=/synkning/%3Fa%3Db"

    @pytest.mark.parametrize("referrer", ["", "https://elsewhere.example/synkning/"])
    def test_comes_to_the_start_page_when_that_page_is_not_known(self, signed_in, at, referrer):
        at(minutes=31)

        response = signed_in.post(reverse("run_sync"), headers={"referer": referrer})

        assert response.url == "/konto/logga-in/?next=/"

    def test_comes_back_to_the_whole_page_when_a_part_was_asked_for(self, signed_in, at):
        at(minutes=31)

        response = signed_in.get(
            reverse("start"),
            headers={"hx-request": "true", "hx-current-url": "http://testserver/synkning/"},
        )

        assert response.headers["HX-Location"] == '{"path": "/konto/logga-in/?next=/synkning/"}'

    def test_has_nothing_left_of_the_session(self, signed_in, at):
        at(minutes=31)
        signed_in.get(reverse("session"))

        assert signed_in.get(reverse("session")).json() == {"seconds": 0, "may_stay": False}
        assert "_auth_user_id" not in signed_in.session


class TestThePage:
    def test_knows_when_to_warn(self, signed_in, at):
        at(minutes=10)
        signed_in.get(reverse("start"))
        at(minutes=10, seconds=30)

        assert 'data-seconds="1770"' in signed_in.get(reverse("cookies")).content.decode()

    def test_says_in_the_footer_how_long_one_may_be_away_where_nothing_can_warn(self, signed_in):
        page = signed_in.get(reverse("cookies")).content.decode()

        footer = page[page.index("<noscript>") : page.index("</noscript>")]
        assert "30 minuter sedan du gjorde något" in footer

    def test_warns_nobody_who_is_not_signed_in(self, client):
        assert "session-warning" not in client.get(reverse("cookies")).content.decode()

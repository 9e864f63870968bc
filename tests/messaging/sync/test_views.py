from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import strip_tags

from messaging.sync import run
from messaging.sync.gateways import builtin
from messaging.sync.models import SyncRun
from persons.states import SwitchState
from staff.models import Role
from tests.factories import (
    AccountFactory,
    PersonFactory,
    RelationFactory,
    SyncRunFactory,
    UserFactory,
)
from web import clock

pytestmark = pytest.mark.django_db

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MONDAY = datetime(2026, 11, 23, 10, 58, tzinfo=STOCKHOLM)
STATUS = "/synkning/"
RUN = "/synkning/kor/"


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def worker(client):
    user = UserFactory(role=Role.SUPPORT_CONTACT)
    client.force_login(user)
    return user


@pytest.fixture
def administrator(client):
    user = UserFactory(role=Role.SYSTEM_ADMIN)
    client.force_login(user)
    return user


def shown(client) -> str:
    """The page's words, without tags and line breaks."""
    response = client.get(STATUS)
    assert response.status_code == 200
    return " ".join(strip_tags(response.content.decode()).split())


class TestSyncStatus:
    def test_is_hidden_from_those_who_no_longer_work_here(self, client):
        client.force_login(UserFactory())

        assert client.get(STATUS).status_code == 404

    def test_tells_of_the_last_night_and_the_next(self, client, worker):
        SyncRunFactory(done_count=14)

        words = shown(client)

        assert "Nattens synkning är klar" in words
        assert "Natten till måndag 23 november, klar kl. 03.32. 14 av 14 personer." in words
        assert "Natten till tisdag 24 november kl. 03.30." in words
        assert "kan användas från och med i morgon, tisdag 24 november." in words

    def test_does_not_take_the_night_before_for_the_night_that_is_due(self, client, worker):
        SyncRunFactory(done_count=14)

        with time_machine.travel(MONDAY.replace(day=24, hour=3, minute=30)):
            client.force_login(worker)
            words = shown(client)

        assert "Nattens synkning har inte börjat än" in words
        assert "Natten till måndag 23 november, klar kl. 03.32. 14 av 14 personer." in words
        assert "Nattens synkning är klar" not in words

    def test_counts_what_waits_and_what_was_refused_and_names_nobody(self, client, worker):
        SyncRunFactory()
        AccountFactory(pending=True, person__given_name="Bo")
        AccountFactory(failed=True)
        RelationFactory(pending=True)
        AccountFactory(active=True)

        words = shown(client)

        assert "Väntar 2 personer" in words
        assert "Gick inte igenom 1 person Vi försöker igen vid nästa synkning." in words
        assert "Bo" not in words.split()

    def test_tells_before_the_first_run(self, client, worker):
        assert "Ingen synkning har körts ännu" in shown(client)

    def test_tells_how_many_did_not_go_through(self, client, worker):
        SyncRunFactory(state=SyncRun.State.PARTIAL, done_count=12, refused_count=2)

        words = shown(client)

        assert "Nattens synkning är delvis klar" in words
        assert "2 gick inte igenom och prövas igen i natt." in words
        assert "12 av 14 personer" in words

    def test_says_that_a_failed_night_is_nobodys_fault(self, client, worker):
        SyncRunFactory(local_date=clock.today() - timedelta(days=1))
        SyncRunFactory(state=SyncRun.State.FAILED, finished_at=None)

        words = shown(client)

        assert "Det är inte ditt fel." in words
        # Tried again before noon: still today.
        assert "kan användas tidigast i dag." in words
        assert "Så snart som möjligt." in words

    def test_does_not_know_when_no_night_has_gone_through_for_a_day_and_a_half(
        self, client, worker
    ):
        SyncRunFactory(local_date=clock.today() - timedelta(days=2))

        assert "Vi vet inte om e-tjänsten fungerar" in shown(client)

    def test_tells_that_a_run_is_under_way(self, client, worker):
        SyncRunFactory(state=SyncRun.State.RUNNING, finished_at=None)

        assert "Synkningen pågår" in shown(client)

    def test_tells_that_a_run_was_started_by_hand(self, client, worker):
        SyncRunFactory(started_by=worker, done_count=1)

        assert "Startad för hand måndag 23 november" in shown(client)

    def test_lists_the_fourteen_nights_before(self, client, worker):
        for days in range(20):
            SyncRunFactory(local_date=clock.today() - timedelta(days=days))

        assert len(client.get(STATUS).context["earlier"]) == 14

    def test_shows_the_button_to_administrators_only(self, client, worker):
        assert RUN not in client.get(STATUS).content.decode()

        client.force_login(UserFactory(role=Role.SYSTEM_ADMIN))
        assert RUN in client.get(STATUS).content.decode()


class TestRunSync:
    def test_is_hidden_from_others_than_administrators(self, client, worker):
        account = AccountFactory(pending=True)

        assert client.post(RUN).status_code == 404
        account.refresh_from_db()
        assert account.state == SwitchState.PENDING

    def test_runs_the_night_and_says_from_when(self, client, administrator):
        account = AccountFactory(pending=True)

        response = client.post(RUN, follow=True)

        account.refresh_from_db()
        assert account.state == SwitchState.ACTIVE
        assert SyncRun.objects.get().started_by == administrator
        assert said(response) == [
            "Synkningen är klar: 1 av 1 gick igenom. De kan användas från och med i dag."
        ]

    def test_says_how_many_were_refused(self, client, administrator):
        AccountFactory(pending=True)
        AccountFactory(pending=True, person=PersonFactory(protected=True, account=None))

        response = client.post(RUN, follow=True)

        assert said(response)[0].startswith("Synkningen är klar: 1 av 2 gick igenom.")

    def test_says_that_nobody_waited(self, client, administrator):
        assert said(client.post(RUN, follow=True)) == ["Synkningen är klar. Ingen väntade."]

    def test_leaves_a_run_that_is_under_way_alone(self, client, administrator):
        SyncRunFactory(
            state=SyncRun.State.RUNNING,
            lease_until=clock.machine_now() + timedelta(minutes=1),
        )

        assert said(client.post(RUN, follow=True)) == ["En synkning pågår redan."]

    def test_tells_of_a_failure_and_may_be_tried_again_at_once(
        self, client, administrator, monkeypatch
    ):
        AccountFactory(pending=True)

        with monkeypatch.context() as broken:
            broken.setattr(run, "settle", lambda this, waiting: 1 / 0)
            failed = client.post(RUN, follow=True)
        again = client.post(RUN, follow=True)

        assert said(failed)[0].startswith("Synkningen gick inte igenom.")
        assert said(again)[0].startswith("Synkningen är klar: 1 av 1")


class TestNumbers:
    ONE = "/synkning/en/"

    def test_are_shown_to_administrators_without_anything_that_tells_whom(
        self, client, administrator
    ):
        account = AccountFactory(pending=True, person__given_name="Bo")
        relation = RelationFactory(failed=True)

        words = shown(client)

        assert f"E{account.pk} Person: kopplas på Väntar" in words
        assert f"R{relation.pk} Relation: kopplas på Gick inte igenom" in words
        assert "Bo" not in words.split()

    def test_are_not_shown_to_others(self, client, worker):
        account = AccountFactory(pending=True)

        words = shown(client)

        assert f"E{account.pk}" not in words
        assert "Kopplas på 1 0" in words

    def test_are_synchronised_one_at_a_time(self, client, administrator):
        wanted, other = AccountFactory.create_batch(2, pending=True)

        response = client.post(self.ONE, {"number": f"e{wanted.pk} "}, follow=True)

        wanted.refresh_from_db()
        other.refresh_from_db()
        assert (wanted.state, other.state) == (SwitchState.ACTIVE, SwitchState.PENDING)
        assert said(response) == [f"E{wanted.pk} är synkad."]

    def test_say_why_they_are_refused_again(self, client, administrator):
        account = AccountFactory(failed=True, person__protected=True)

        response = client.post(self.ONE, {"number": f"E{account.pk}"}, follow=True)

        assert said(response)[0].startswith(f"E{account.pk} gick inte igenom. Orsak: Kan inte")

    @pytest.mark.parametrize("number", ["", "E", "E0", "X1", "R1", "E²", "E-1", "E" + "9" * 30])
    def test_that_lead_nowhere_change_nothing(self, client, administrator, number):
        response = client.post(self.ONE, {"number": number}, follow=True)

        assert said(response)[0].startswith("Det finns inget att synka med det numret.")

    def test_are_nobody_elses_to_synchronise(self, client, worker):
        account = AccountFactory(pending=True)

        assert client.post(self.ONE, {"number": f"E{account.pk}"}).status_code == 404

    def test_wait_when_a_run_is_under_way_or_nobody_answers(
        self, client, administrator, monkeypatch
    ):
        account = AccountFactory(pending=True)
        number = {"number": account.sync_number}
        with monkeypatch.context() as broken:
            broken.setattr(builtin.Gateway, "push", lambda self, batch: 1 / 0)
            silent = client.post(self.ONE, number, follow=True)
        later = clock.machine_now() + timedelta(minutes=1)
        SyncRun.objects.update(state=SyncRun.State.RUNNING, lease_until=later)
        busy = client.post(self.ONE, number, follow=True)

        assert said(silent) == ["E-tjänsten svarade inte. Numret prövas igen i natt."]
        assert said(busy) == ["En synkning pågår redan. Numret prövas igen i natt."]

    def test_that_were_set_aside_and_run_again_tonight_can_be_set_aside_again(
        self, client, administrator
    ):
        account = AccountFactory(failed=True, refused_times=5, person__protected=True)
        again = client.post(self.ONE, {"number": account.sync_number}, follow=True)
        assert "Numret var undanlagt och körs om i natt." in said(again)[0]
        assert "Ångra" in said(again)[0]

        undone = client.post(f"{self.ONE}angra/", {"number": account.sync_number}, follow=True)

        account.refresh_from_db()
        assert account.is_set_aside
        assert said(undone) == [
            f"Ångrat. {account.sync_number} är undanlagd som förut och prövas inte i natt."
        ]

    @pytest.mark.parametrize("facts", [{"pending": True}, {"failed": True}])
    def test_that_are_tried_every_night_have_nothing_to_undo(self, client, administrator, facts):
        account = AccountFactory(**facts, person__protected=True)

        again = client.post(self.ONE, {"number": account.sync_number}, follow=True)
        undone = client.post(f"{self.ONE}angra/", {"number": account.sync_number}, follow=True)

        assert "Ångra" not in said(again)[0]
        assert said(undone) == ["Det går inte att ångra längre. Läget har ändrats."]

    def test_are_nobody_elses_to_set_aside_again(self, client, worker):
        assert client.post(f"{self.ONE}angra/", {"number": "E1"}).status_code == 404


class TestARunThatAsks:
    @pytest.fixture
    def asking(self, administrator, client):
        AccountFactory.create_batch(6, closing=True)
        assert said(client.post(RUN, follow=True)) == [
            "Synkningen har stannat och väntar på ditt beslut."
        ]
        return SyncRun.objects.get()

    def test_is_answered_by_an_administrator_whose_name_stays(self, client, asking, administrator):
        response = client.post("/synkning/stang/", {"count": "6"}, follow=True)

        words = shown(client)
        assert said(response) == ["Beslutet är sparat. Synkningen fortsätter inom någon minut."]
        assert f"{administrator} beslutade" in words
        assert "att 6 fick stängas av" in words

    @pytest.mark.parametrize("count", ["5", "", "många", "9" * 20])
    def test_takes_no_answer_to_another_question(self, client, asking, count):
        response = client.post("/synkning/stang/", {"count": count}, follow=True)

        assert said(response) == ["Läget har ändrats. Läs igenom det och svara igen."]
        assert "Ja, stäng av 6" in shown(client)

    def test_is_answered_by_nobody_else(self, client, asking):
        client.force_login(UserFactory(role=Role.SUPPORT_CONTACT))

        words = shown(client)
        response = client.post("/synkning/stang/", {"count": "6"})

        assert "6 skulle stängas av i natt." in words
        assert "Ja, stäng av" not in words
        assert response.status_code == 404


class TestDemoClock:
    CLOCK = "/demo/klocka/"

    @pytest.fixture(autouse=True)
    def _demo(self, settings, tmp_path):
        settings.DEMO = True
        settings.CLOCK_OFFSET_FILE = tmp_path / "demo-clock"

    @pytest.mark.parametrize(
        ("now", "to", "expected"),
        [
            ("2026-11-23 10:58", "night", "2026-11-24 03:30"),
            ("2026-11-23 03:29", "night", "2026-11-23 03:30"),
            ("2026-11-23 03:30", "night", "2026-11-24 03:30"),
            ("2026-11-23 08:59", "morning", "2026-11-23 09:00"),
            ("2026-11-23 09:00", "morning", "2026-11-24 09:00"),
            ("2026-11-27 10:00", "morning", "2026-11-30 09:00"),  # over the weekend
            ("2026-12-23 10:00", "morning", "2026-12-28 09:00"),  # over Christmas
            ("2026-10-24 23:00", "night", "2026-10-25 03:30"),  # the long night
        ],
    )
    def test_goes_to_the_next_one(self, client, worker, now, to, expected):
        moment = datetime.fromisoformat(now).replace(tzinfo=STOCKHOLM)
        with time_machine.travel(moment, tick=False):
            client.force_login(worker)
            client.post(self.CLOCK, {"to": to})

            assert clock.now() == datetime.fromisoformat(expected).replace(tzinfo=STOCKHOLM)

    def test_goes_back_to_real_time(self, client, worker):
        client.post(self.CLOCK, {"to": "night"})
        client.post(self.CLOCK, {"to": "real"})

        assert clock.now() == MONDAY

    def test_returns_to_the_page_that_asked(self, client, worker):
        page = "http://testserver/synkning/?sida=2"

        response = client.post(self.CLOCK, {"to": "night"}, headers={"referer": page})

        assert response.url == page

    @pytest.mark.parametrize(
        "page", ["", "https://other.example/synkning/", "http://other.example//testserver/"]
    )
    def test_returns_to_the_start_rather_than_to_another_site(self, client, worker, page):
        response = client.post(self.CLOCK, {"to": "night"}, headers={"referer": page})

        assert response.url == reverse("start")

    def test_does_not_know_other_times(self, client, worker):
        assert client.post(self.CLOCK, {"to": "1970"}).status_code == 404

    def test_is_only_in_the_demo(self, client, worker, settings):
        settings.DEMO = False

        assert client.post(self.CLOCK, {"to": "night"}).status_code == 404
        assert clock.now() == MONDAY

    def test_needs_sign_in(self, client):
        assert client.post(self.CLOCK, {"to": "night"}).status_code == 302
        assert clock.now() == MONDAY


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]

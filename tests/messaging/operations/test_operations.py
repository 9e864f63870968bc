from datetime import timedelta

import pytest
from django.urls import reverse

from messaging.notices import breaker, restoring
from messaging.notices.models import GatewayState
from messaging.notices.sms.base import Misconfigured
from messaging.notices.states import NoticeState
from messaging.operations import figures
from messaging.sync.models import BeatTick
from persons.models import AccessLogEntry
from staff.models import Role
from tests.factories import NoticeFactory, PersonFactory, SyncRunFactory, UserFactory
from web import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def morning(time_machine):
    time_machine.move_to("2026-11-24T10:00:00+01:00", tick=False)
    return time_machine


@pytest.fixture
def all_is_well():
    BeatTick.objects.create(at=clock.machine_now())
    SyncRunFactory()
    restoring.require_current()


@pytest.fixture
def administrator(client):
    user = UserFactory(role=Role.SYSTEM_ADMIN)
    client.force_login(user)
    return user


def alarms() -> list[str]:
    return figures.alarms(figures.read(clock.now()))


@pytest.mark.usefixtures("all_is_well")
class TestAlarms:
    def test_are_none_when_all_is_well(self):
        assert alarms() == []

    def test_tell_of_what_has_waited_for_five_minutes(self):
        NoticeFactory(not_before=clock.now() - timedelta(minutes=6))

        assert alarms() == ["Utskick har väntat i mer än 5 minuter."]

    def test_do_not_count_the_night_against_an_sms(self, morning):
        NoticeFactory(not_before=clock.now() - timedelta(hours=10))
        morning.move_to("2026-11-24T09:01:00+01:00", tick=False)
        assert figures.read(clock.now()).oldest_waiting == 60

        morning.move_to("2026-11-24T08:00:00+01:00", tick=False)
        assert figures.read(clock.now()).waiting == 0

    def test_tell_of_a_doubt_that_is_half_an_hour_old(self):
        NoticeFactory(
            state=NoticeState.IN_DOUBT, started_at=clock.machine_now() - timedelta(minutes=31)
        )

        assert len(alarms()) == 1

    def test_tell_of_what_a_person_must_look_at(self):
        NoticeFactory(state=NoticeState.NEEDS_HUMAN)

        assert alarms() == ["Det finns utskick som behöver kontrolleras."]

    def test_tell_of_a_channel_that_has_stopped(self):
        breaker.fails("twilio", Misconfigured("20003"), code="20003")

        assert alarms() == ["En kanal har stannat."]

    def test_tell_of_a_restored_database(self, settings, tmp_path):
        settings.RESTORE_MARKER_FILE = str(tmp_path / "another")

        assert "återställd" in alarms()[0]

    def test_tell_of_a_beat_that_is_silent(self, morning):
        BeatTick.objects.update(at=clock.machine_now() - timedelta(minutes=6))

        assert alarms() == ["Bakgrundsjobben svarar inte."]

    def test_tell_of_a_night_that_did_not_come(self, morning):
        morning.shift(timedelta(days=1))

        assert "Nattens synkning är inte klar." in alarms()

    def test_tell_of_an_access_log_that_nobody_seals(self):
        AccessLogEntry.objects.create(
            user=UserFactory(), view="person", at=clock.now() - timedelta(minutes=11)
        )

        assert alarms() == ["Åtkomstloggen har inte förseglats på 10 minuter."]


class TestThePage:
    def test_shows_numbers_and_no_person(self, client, administrator):
        person = PersonFactory(given_name="Kanari")
        NoticeFactory(person=person, state=NoticeState.NEEDS_HUMAN)

        html = client.get(reverse("operations")).content.decode()

        assert "Det finns utskick som behöver kontrolleras." in html
        for secret in ("Kanari", person.mobile_e164, person.email):
            assert secret not in html

    def test_asks_as_many_questions_however_much_there_is(
        self, client, administrator, django_assert_max_num_queries
    ):
        NoticeFactory.create_batch(5)

        with django_assert_max_num_queries(30):
            client.get(reverse("operations"))

    def test_lets_a_stopped_channel_be_tried_again(self, client, administrator):
        breaker.fails("twilio", Misconfigured("20003"), code="20003")
        assert "Försök igen" in client.get(reverse("operations")).content.decode()

        response = client.post(reverse("try_gateway_again"), {"gateway": "twilio"}, follow=True)

        assert GatewayState.objects.get().try_after is None
        assert "Nästa utskick visar om det fungerar igen." in response.content.decode()

    def test_says_nothing_about_a_channel_that_is_not_there(self, client, administrator):
        response = client.post(reverse("try_gateway_again"), {"gateway": "finns-inte"})

        assert response.status_code == 302
        assert not GatewayState.objects.exists()

    @pytest.mark.parametrize("role", [Role.CASE_WORKER, Role.UNIT_MANAGER])
    def test_is_only_there_for_administrators(self, client, role):
        client.force_login(UserFactory(role=role))

        assert client.get(reverse("operations")).status_code == 404
        assert client.post(reverse("try_gateway_again")).status_code == 404


class TestFiguresAsText:
    URL = "/halsa/matt"

    def get(self, client, token: str):
        return client.get(self.URL, headers={"Authorization": f"Bearer {token}"})

    def test_are_there_for_the_token(self, client, settings):
        settings.METRICS_TOKEN = "long-and-random"
        NoticeFactory(not_before=clock.now() - timedelta(minutes=2))

        response = self.get(client, "long-and-random")

        lines = response.content.decode().splitlines()
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert "koppla_waiting 1" in lines
        assert "koppla_oldest_waiting 120" in lines
        assert "koppla_night_failed 0" in lines
        assert all(line.count(" ") == 1 for line in lines)

    @pytest.mark.parametrize("token", ["", "wrong"])
    def test_are_not_there_for_another(self, client, settings, token):
        settings.METRICS_TOKEN = "long-and-random"

        assert self.get(client, token).status_code == 404

    def test_are_not_there_when_no_token_is_set(self, client, settings):
        settings.METRICS_TOKEN = ""

        assert self.get(client, "").status_code == 404

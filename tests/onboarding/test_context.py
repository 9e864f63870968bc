import pytest

from staff.models import Role
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

EVERYBODYS = ["Mina personer", "Synkning"]


def labels(client) -> list[str]:
    return [item["label"] for item in client.get("/synkning/").context["menu"]]


class TestMenu:
    def test_is_short_for_those_who_work_with_people(self, client):
        client.force_login(UserFactory(role=Role.SUPPORT_CONTACT))

        assert labels(client) == EVERYBODYS

    def test_leads_administrators_to_their_pages(self, client):
        client.force_login(UserFactory(role=Role.SYSTEM_ADMIN))

        theirs = ["Mallar", "Drift", "Import", "Kommunens uppgifter", "Administration"]
        assert labels(client) == [*EVERYBODYS, *theirs]

    def test_leads_to_the_outbox_in_the_demo(self, client, settings):
        settings.DEMO = True
        client.force_login(UserFactory(role=Role.SUPPORT_CONTACT))

        assert labels(client) == [*EVERYBODYS, "Utkorg"]

    def test_says_which_page_is_open(self, client):
        client.force_login(UserFactory(role=Role.SUPPORT_CONTACT))

        menu = client.get("/synkning/").context["menu"]

        assert [item["label"] for item in menu if item["current"]] == ["Synkning"]

    def test_is_nothing_to_those_outside(self, client):
        assert "menu" not in client.get("/konto/logga-in/").context

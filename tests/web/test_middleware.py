import logging

import pytest
from django.urls import reverse

from staff.models import Role
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client):
    client.force_login(UserFactory(role=Role.SUPPORT_CONTACT))
    return client


class TestRequestLog:
    def logged(self, caplog):
        said = [record.msg for record in caplog.records if record.name == "web.middleware"]
        assert len(said) == 1
        return said[0]

    def test_names_the_view_and_the_status(self, client, caplog):
        caplog.set_level(logging.INFO)

        client.get(reverse("alive"))

        said = self.logged(caplog)
        assert (said["method"], said["view"], said["status"]) == ("GET", "alive", 200)
        assert said["milliseconds"] >= 0

    def test_says_nothing_of_the_address(self, client, caplog):
        caplog.set_level(logging.INFO)

        client.get("/finns-inte/850312-1234/?namn=Amina")

        said = self.logged(caplog)
        assert (said["view"], said["status"]) == (None, 404)
        assert "850312" not in str(said)
        assert "Amina" not in str(said)


class TestHtmxRedirect:
    def test_changes_the_page_for_htmx(self, signed_in):
        response = signed_in.post(reverse("account_logout"), headers={"hx-request": "true"})

        assert response.status_code == 200
        assert reverse("account_login") in response.headers["HX-Location"]

    def test_leaves_a_browsers_redirect_alone(self, signed_in):
        response = signed_in.post(reverse("account_logout"))

        assert response.status_code == 302
        assert "HX-Location" not in response.headers


class TestPrivatePage:
    def test_keeps_what_a_signed_in_person_sees_out_of_every_cache(self, signed_in):
        response = signed_in.get(reverse("accessibility"))

        assert "no-store" in response.headers["Cache-Control"]

    def test_lets_everyone_keep_what_everyone_may_see(self, signed_in):
        response = signed_in.get(reverse("colour"), {"v": 1})

        assert "immutable" in response.headers["Cache-Control"]

    def test_lets_the_public_keep_what_says_that_it_may_be_kept(self, client):
        response = client.get(reverse("colour"), {"v": 1})

        assert "public" in response.headers["Cache-Control"]
        assert "no-store" not in response.headers["Cache-Control"]

    def test_keeps_the_sign_in_page_out_of_caches(self, client):
        response = client.get(reverse("account_login"))

        assert "no-store" in response.headers["Cache-Control"]

    def test_asks_the_browser_for_no_camera_microphone_or_place(self, client):
        response = client.get(reverse("alive"))

        assert response.headers["Permissions-Policy"] == "camera=(), microphone=(), geolocation=()"

import logging

import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from staff.models import Role
from tests.factories import UserFactory
from web.middleware import ClientAddressMiddleware

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client):
    client.force_login(UserFactory(role=Role.SUPPORT_CONTACT))
    return client


def address_seen(rf, **headers) -> str:
    seen = []
    middleware = ClientAddressMiddleware(lambda r: seen.append(r.META["REMOTE_ADDR"]))

    middleware(rf.get("/", REMOTE_ADDR="10.0.0.1", headers=headers))

    return seen[0]


class TestClientAddress:
    @pytest.mark.parametrize(
        ("proxies", "header", "expected"),
        [
            (1, "192.0.2.7", "192.0.2.7"),
            (1, "invented, 192.0.2.7", "192.0.2.7"),
            (2, "203.0.113.9, 192.0.2.7, 10.0.0.2", "192.0.2.7"),
            (1, "2001:DB8::7", "2001:db8::7"),
        ],
    )
    def test_is_the_one_that_the_outermost_trusted_proxy_saw(
        self, rf, settings, proxies, header, expected
    ):
        settings.TRUSTED_PROXIES = proxies

        assert address_seen(rf, x_forwarded_for=header) == expected

    @pytest.mark.parametrize("header", ["", "unknown", "192.0.2.7:443", "<script>"])
    def test_is_the_connections_where_the_header_is_no_address(self, rf, settings, header):
        settings.TRUSTED_PROXIES = 1

        assert address_seen(rf, x_forwarded_for=header) == "10.0.0.1"

    def test_is_the_connections_where_the_request_did_not_pass_all_proxies(self, rf, settings):
        settings.TRUSTED_PROXIES = 2

        assert address_seen(rf, x_forwarded_for="192.0.2.7") == "10.0.0.1"

    def test_believes_no_header_when_no_proxy_is_trusted(self, rf):
        assert django_settings.TRUSTED_PROXIES == 0
        assert address_seen(rf, x_forwarded_for="192.0.2.7") == "10.0.0.1"


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

    def test_says_nothing_of_the_address(self, client, caplog, listener):
        caplog.set_level(logging.INFO)

        client.get("/finns-inte/850312-1234/?namn=Amina")

        said = self.logged(caplog)
        assert (said["view"], said["status"]) == (None, 404)
        assert "850312" not in str(said)
        assert "Amina" not in str(said)
        listener.found.clear()  # it has heard the address, which is ours


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

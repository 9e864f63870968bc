"""A provider's call, as it comes over HTTP. What it may change: test_reports.py."""

from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from messaging.notices import callbacks
from messaging.notices.models import Notice, ProviderEvent
from messaging.notices.states import NoticeState
from tests.factories import NoticeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def provider(settings) -> None:
    settings.SMS_GATEWAY = "tests.messaging.notices.gateways.Provider"


@pytest.fixture
def notice() -> Notice:
    return NoticeFactory(state=NoticeState.SENDING, attempt=1)


def call(ref: object, *, gateway: str = "provider", word: str = "sesame", **told) -> HttpResponse:
    """As the provider does: no cookie, no token of ours."""
    return Client(enforce_csrf_checks=True).post(
        reverse("sms_callback", args=[gateway, ref]),
        urlencode({"id": "id-1", "status": "delivered"} | told),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Word": word},
    )


class TestACallback:
    def test_changes_the_notice_it_is_about(self, notice):
        assert call(notice.ref).status_code == 204

        notice.refresh_from_db()
        assert notice.state == NoticeState.DELIVERED
        assert (notice.provider, notice.provider_id) == ("provider", "id-1")

    def test_is_kept_as_it_was_told_without_address_and_text(self, notice):
        call(notice.ref, status="undelivered", code="30006", to=notice.address, body=notice.text)

        event = ProviderEvent.objects.get()
        assert (event.notice, event.ref) == (notice, notice.ref)
        assert (event.provider, event.provider_id) == ("provider", "id-1")
        assert (event.status, event.code) == ("undelivered", "30006")

    def test_begins_no_session_and_asks_for_none(self, notice):
        response = call(notice.ref)

        assert response.cookies == {}

    def test_of_an_unknown_notice_is_thanked_for_and_counted(self):
        assert call(uuid4()).status_code == 204

        assert ProviderEvent.objects.get().notice is None

    def test_that_is_forged_is_refused_and_changes_nothing(self, notice, caplog):
        assert call(notice.ref, word="guess").status_code == 403

        notice.refresh_from_db()
        assert notice.state == NoticeState.SENDING
        assert not ProviderEvent.objects.exists()
        assert "callback refused" in caplog.text

    def test_of_a_provider_that_is_not_in_use_is_not_there(self, notice):
        assert call(notice.ref, gateway="twilio").status_code == 404

    def test_that_is_too_long_is_not_read(self, notice):
        assert call(notice.ref, filling="x" * callbacks.LONGEST).status_code == 413

        assert not ProviderEvent.objects.exists()

    def test_that_only_looks_is_refused(self, client, notice):
        address = reverse("sms_callback", args=["provider", notice.ref])

        assert client.get(address).status_code == 405

"""A provider of e-mail calls back, through Anymail's own view."""

import json

import pytest
from django.db import OperationalError
from django.test import Client

from messaging.notices import email, email_events, reports
from messaging.notices.models import Notice, ProviderEvent
from messaging.notices.states import NoticeState
from tests.factories import NoticeFactory

pytestmark = pytest.mark.django_db

S = NoticeState
ADDRESS = "/aterkoppling/mejl/brevo/"


@pytest.fixture(autouse=True)
def brevo(settings) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.brevo.EmailBackend"
    settings.EMAIL_WEBHOOK_SECRETS = ["old:word", "new:word"]
    settings.ANYMAIL = {"WEBHOOK_SECRET": settings.EMAIL_WEBHOOK_SECRETS}


@pytest.fixture
def notice() -> Notice:
    return NoticeFactory(email=True, state=S.SENT, attempt=1, provider="email", provider_id="<a@b>")


def call(ref: object, event: str, *, secret: str = "bmV3OndvcmQ=", address: str = ADDRESS) -> int:
    told = {
        "event": event, "email": "kanariabc@exempel.se", "message-id": "<a@b>",
        "X-Mailin-custom": json.dumps({"ref": str(ref)}), "reason": "550 5.1.1",
    }  # fmt: skip
    client = Client(headers={"Authorization": f"Basic {secret}"})
    return client.post(address, json.dumps(told), content_type="application/json").status_code


class TestAnEvent:
    @pytest.mark.parametrize(
        ("event", "state", "code"),
        [
            ("request", S.SENT, ""),
            ("deferred", S.SENT, ""),
            ("delivered", S.DELIVERED, ""),
            ("hard_bounce", S.UNDELIVERED, "bounced"),
            ("invalid_email", S.UNDELIVERED, "invalid"),
            ("soft_bounce", S.UNDELIVERED, "timed_out"),
            ("blocked", S.UNDELIVERED, "blocked"),
            ("error", S.FAILED, "failed"),
            ("spam", S.SUPPRESSED, "spam"),
            ("unsubscribe", S.SUPPRESSED, "unsubscribed"),
        ],
    )
    def test_changes_the_notice(self, notice, event, state, code):
        assert call(notice.ref, event) == 200

        notice.refresh_from_db()
        assert (notice.state, notice.last_code) == (state, code)

    def test_twice_is_one(self, notice):
        call(notice.ref, "delivered")
        call(notice.ref, "delivered")

        assert ProviderEvent.objects.count() == 1
        assert notice.events.count() == 1

    def test_that_somebody_has_opened_it_is_not_kept(self, notice):
        assert call(notice.ref, "opened") == 200

        assert not ProviderEvent.objects.exists()

    def test_without_our_reference_raises_nothing(self, notice, caplog):
        assert call("no reference", "delivered") == 200

        assert "email event not read" in caplog.text

    def test_is_told_again_when_there_is_no_database(self, notice, monkeypatch):
        def broken(*_: object) -> None:
            raise OperationalError

        monkeypatch.setattr(reports, "receive", broken)

        with pytest.raises(OperationalError):
            call(notice.ref, "delivered")


class TestWhoeverCalls:
    def test_may_show_the_old_secret_while_it_is_changed(self, notice):
        assert call(notice.ref, "delivered", secret="b2xkOndvcmQ=") == 200

    def test_and_shows_another_is_refused(self, notice):
        assert call(notice.ref, "delivered", secret="Z3Vlc3M6d29yZA==") == 403

        notice.refresh_from_db()
        assert notice.state == S.SENT

    def test_is_nobody_when_there_is_no_secret(self, settings, notice):
        settings.EMAIL_WEBHOOK_SECRETS = []

        assert call(notice.ref, "delivered") == 404

    @pytest.mark.parametrize("provider", ["mailjet", "scaleway"])
    def test_is_nobody_when_another_sends_our_email(self, notice, provider):
        assert call(notice.ref, "delivered", address=f"/aterkoppling/mejl/{provider}/") == 404


class TestAReasonOfAnEmail:
    def test_that_says_no_thanks_is_no_failure(self):
        class Event:
            event_type, reject_reason, esp_event, message_id = (
                "rejected",
                "unsubscribed",
                None,
                None,
            )

        assert email_events._receipt(Event, S.UNDELIVERED).state == S.SUPPRESSED


class TestAnEmail:
    def test_carries_our_reference_to_the_provider(self, notice):
        assert email.compose(notice).metadata == {"ref": str(notice.ref)}

"""What 46elks has of its own. The rest: test_gateways.py."""

import random
from dataclasses import replace
from string import ascii_letters, digits
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from messaging.notices.models import Notice, ProviderEvent
from messaging.notices.sms import elks46
from messaging.notices.sms.base import (
    Misconfigured,
    NotTaken,
    Sms,
    Unavailable,
    WrongAddress,
    callback_address,
)
from messaging.notices.states import NoticeState
from tests.factories import NoticeFactory

REFERENCE = "5c0f2c8e-6f7c-4f4e-9d3c-0a1b2c3d4e5f"
SMS = Sms("+46701740605", "Soderkoping", "E-tjänsten är öppen.", REFERENCE)


@pytest.fixture
def api(elks46_api):
    return elks46_api


def send():
    return elks46.Gateway().send(SMS)


class TestSend:
    def test_hands_over_number_text_and_sender(self, api):
        receipt = send()

        [taken] = api.taken
        given = [taken.asked[name] for name in ("to", "from", "message")]
        assert given == [SMS.to, SMS.sender, SMS.text]
        assert (receipt.provider_id, receipt.state) == (taken.id, NoticeState.ACCEPTED)

    def test_signs_in_with_the_accounts_password(self, api):
        send()

        assert api.requests[0]["auth"] == "Basic dTpw"  # u:p

    @pytest.mark.parametrize(
        ("status", "words", "fault"),
        [
            (429, "", Unavailable),
            (401, "", Misconfigured),
            (402, "", Misconfigured),
            (403, "API access denied", Misconfigured),
            (400, "Invalid from", Misconfigured),
            (400, "Missing key", NotTaken),
            (400, "Invalid phone number", WrongAddress),
        ],
    )
    def test_tells_refusals_apart(self, api, status, words, fault):
        api.refuse(status, words)

        with pytest.raises(fault) as error:
            send()
        assert error.type is fault


class TestFind:
    def test_reads_what_became_of_it(self, api):
        send()
        api.taken[0].status = "failed"

        [found] = elks46.Gateway().find(SMS)
        assert (found.state, found.status) == (NoticeState.UNDELIVERED, "failed")


def report(url: str, **told: str) -> HttpResponse:
    """As 46elks does: a form, without a signature."""
    return Client(enforce_csrf_checks=True).post(
        url.removeprefix(settings.PUBLIC_BASE_URL),
        urlencode({"id": "s1", "status": "delivered"} | told),
        content_type="application/x-www-form-urlencoded",
    )


def whendelivered(api, reference: object) -> str:
    elks46.Gateway().send(replace(SMS, reference=str(reference)))
    return api.taken[-1].asked["whendelivered"]


@pytest.mark.django_db
class TestACallback:
    @pytest.fixture(autouse=True)
    def in_use(self, settings) -> None:
        settings.SMS_GATEWAY = "messaging.notices.sms.elks46.Gateway"

    @pytest.fixture
    def notice(self) -> Notice:
        return NoticeFactory(state=NoticeState.SENDING, attempt=1, provider="46elks")

    @pytest.mark.parametrize(
        ("status", "state"),
        [
            ("sent", NoticeState.SENT),
            ("delivered", NoticeState.DELIVERED),
            ("failed", NoticeState.UNDELIVERED),
        ],
    )
    def test_to_the_address_that_was_given_is_believed(self, api, notice, status, state):
        assert report(whendelivered(api, notice.ref), status=status).status_code == 204

        notice.refresh_from_db()
        assert (notice.state, notice.provider_id) == (state, "s1")

    def test_is_believed_while_the_key_is_being_changed(self, api, notice, settings):
        url = whendelivered(api, notice.ref)
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "the next key"

        assert report(url).status_code == 204

    def test_about_another_notice_is_forged(self, api, notice):
        proof = whendelivered(api, uuid4()).partition("?")[2]

        self.assert_refused(notice, f"{callback_address('46elks', notice.ref)}?{proof}")

    @pytest.mark.parametrize("proof", ["", "?bevis=", "?bevis=a-guess", "?bevis=a:b&bevis=c"])
    def test_without_the_proof_is_forged(self, notice, proof):
        self.assert_refused(notice, callback_address("46elks", notice.ref) + proof)

    @pytest.mark.parametrize("count", [60, pytest.param(5_000, marks=pytest.mark.verification)])
    def test_with_a_guessed_proof_is_never_believed(self, api, notice, count):
        right = whendelivered(api, notice.ref)
        address, proof = right.split("?bevis=")
        chance = random.Random(count)

        for _ in range(count // 4):
            at, letter = chance.randrange(len(proof)), chance.choice(ascii_letters + digits + "-_")
            guess = f"{proof[:at]}{letter}{proof[at + 1 :]}"
            for forged in {guess, proof[:at], proof + letter, proof[at:] + proof[:at]} - {proof}:
                assert report(f"{address}?bevis={forged}").status_code == 403, forged

        notice.refresh_from_db()
        assert notice.state == NoticeState.SENDING
        assert not ProviderEvent.objects.exists()
        assert report(right).status_code == 204

    @pytest.mark.parametrize("told", [{"status": "read"}, {"id": ""}, {"id": "../s1"}])
    def test_that_says_what_46elks_never_says_is_forged(self, api, notice, told):
        self.assert_refused(notice, whendelivered(api, notice.ref), **told)

    def assert_refused(self, notice: Notice, url: str, **told: str) -> None:
        assert report(url, **told).status_code == 403

        notice.refresh_from_db()
        assert notice.state == NoticeState.SENDING
        assert not ProviderEvent.objects.exists()

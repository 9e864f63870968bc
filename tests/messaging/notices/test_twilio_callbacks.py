"""Signed by Twilio's own arithmetic; forged in every way that we could think of."""

import random
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest
from django.test import Client
from twilio.request_validator import RequestValidator

from messaging.notices.models import ProviderEvent
from messaging.notices.sms import twilio
from messaging.notices.sms.base import Callback, Forged, Receipt, callback_address
from messaging.notices.states import NoticeState
from tests.factories import NoticeFactory

ACCOUNT, TOKEN = "AC" + "0" * 32, "secret-token"
SID = "SM" + "1" * 32
FIELDS = {
    "AccountSid": ACCOUNT, "ApiVersion": "2010-04-01", "ErrorCode": "30006", "From": "Soderkoping",
    "MessageSid": SID, "MessageStatus": "undelivered", "SmsSid": SID, "SmsStatus": "undelivered",
    "To": "+46701740605",
}  # fmt: skip
Given = tuple[str, dict[str, str], str]


@pytest.fixture(autouse=True)
def account(settings) -> None:
    settings.SMS_GATEWAY = "messaging.notices.sms.twilio.Gateway"
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN


def sign(url: str, fields: dict[str, str], token: str = TOKEN) -> str:
    return RequestValidator(token).compute_signature(url, fields)


def parse(url: str, fields: dict[str, str], signature: str) -> Receipt:
    callback = Callback(url, "", fields, {"X-Twilio-Signature": signature})
    return twilio.Gateway().parse_callback(callback)


class TestASignedCallback:
    @pytest.mark.parametrize(
        ("status", "code", "state"),
        [
            ("queued", "", NoticeState.ACCEPTED),
            ("sent", "", NoticeState.SENT),
            ("delivered", "", NoticeState.DELIVERED),
            ("undelivered", "30006", NoticeState.UNDELIVERED),
            ("failed", "30002", NoticeState.FAILED),
            ("failed", "21610", NoticeState.SUPPRESSED),
        ],
    )
    def test_is_believed(self, status, code, state):
        url, fields = callback_address("twilio", uuid4()), FIELDS | {"MessageStatus": status}
        fields["ErrorCode"] = code

        assert parse(url, fields, sign(url, fields)) == Receipt(SID, state, code, status)

    def test_need_not_have_a_code(self):
        url = callback_address("twilio", uuid4())
        fields = {name: FIELDS[name] for name in FIELDS if name != "ErrorCode"}

        assert parse(url, fields, sign(url, fields)).code == ""

    def test_of_another_account_with_the_same_token_is_not(self):
        url, fields = callback_address("twilio", uuid4()), FIELDS | {"AccountSid": "AC" + "9" * 32}

        with pytest.raises(Forged):
            parse(url, fields, sign(url, fields))

    def test_is_never_believed_without_a_token(self, settings):
        url = callback_address("twilio", uuid4())
        gateway = twilio.Gateway()
        settings.TWILIO_AUTH_TOKEN = ""

        with pytest.raises(Forged):
            gateway.parse_callback(
                Callback(url, "", FIELDS, {"X-Twilio-Signature": sign(url, FIELDS, "")})
            )


def forgeries(chance: random.Random, ref: object) -> Iterator[Given]:
    """From one that is right: one thing is not, each time another."""
    url = callback_address("twilio", ref)
    signature = sign(url, FIELDS)
    while True:
        name = chance.choice([n for n in FIELDS if n != "MessageStatus"])
        yield callback_address("twilio", uuid4()), FIELDS, signature  # replayed on another
        yield url.replace("http", "https", 1), FIELDS, signature
        yield f"{url}?x={chance.random()}", FIELDS, signature
        yield url.replace("//", f"//x{chance.randrange(10**6)}."), FIELDS, signature
        yield url, FIELDS | {"MessageStatus": "delivered"}, signature
        yield url, FIELDS | {name: FIELDS[name] + " "}, signature
        yield url, FIELDS | {name: FIELDS[name][:-1]}, signature
        yield url, {n: FIELDS[n] for n in FIELDS if n != name}, signature
        yield url, FIELDS | {f"X{chance.randrange(10**6)}": "1"}, signature
        yield url, FIELDS, sign(url, FIELDS, f"guess {chance.random()}")
        yield url, FIELDS, chance.choice(["", signature[:-1], signature.lower(), signature[::-1]])
        # The signature runs names and values together: the border between them moves.
        read = chance.choice(["AccountSid", "MessageSid", "MessageStatus", "ErrorCode"])
        moved = {n: v for n, v in FIELDS.items() if n != read}
        yield url, moved | {read[:-1]: read[-1] + FIELDS[read]}, signature


def as_it_arrives(
    right: str, url: str, fields: dict[str, str], signature: str
) -> dict[str, Any] | None:
    """What a client posts. None: only the host was another, and whatever it is called is ours."""
    here, meant = urlsplit(url), urlsplit(right)
    if (here.path, here.query) == (meant.path, meant.query) and url != right:
        return None
    return {
        "path": f"{here.path}?{here.query}" if here.query else here.path,
        "data": urlencode(fields),
        "content_type": "application/x-www-form-urlencoded",
        "headers": {"X-Twilio-Signature": signature},
    }


class TestAForgedCallback:
    def test_of_5000_is_never_believed(self):
        believed = []
        found = forgeries(random.Random(17), uuid4())
        gateway = twilio.Gateway()

        for _ in range(5_000):
            url, fields, signature = next(found)
            try:
                gateway.parse_callback(Callback(url, "", fields, {"X-Twilio-Signature": signature}))
            except Forged:
                continue
            believed.append((url, fields, signature))

        assert believed == []

    @pytest.mark.parametrize("count", [60, pytest.param(5_000, marks=pytest.mark.verification)])
    @pytest.mark.django_db
    def test_changes_nothing_through_the_view(self, count):
        notice = NoticeFactory(state=NoticeState.SENT, attempt=1)
        right = callback_address("twilio", notice.ref)
        client = Client()

        for forged in islice(forgeries(random.Random(count), notice.ref), count):
            if (sent := as_it_arrives(right, *forged)) is not None:
                assert client.post(**sent).status_code == 403, forged

        notice.refresh_from_db()
        assert (notice.state, notice.events.count()) == (NoticeState.SENT, 0)
        assert not ProviderEvent.objects.exists()

    @pytest.mark.django_db
    def test_differs_from_the_right_one_which_is_believed(self):
        notice = NoticeFactory(state=NoticeState.SENT, attempt=1)
        url = callback_address("twilio", notice.ref)

        answer = Client().post(
            f"/aterkoppling/sms/twilio/{notice.ref}/", urlencode(FIELDS),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": sign(url, FIELDS)},
        )  # fmt: skip

        assert answer.status_code == 204
        notice.refresh_from_db()
        assert (notice.state, notice.last_code) == (NoticeState.UNDELIVERED, "30006")

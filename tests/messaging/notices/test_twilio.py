"""What Twilio has of its own. The rest: test_gateways.py."""

import base64
import logging
import re
import socket
from dataclasses import replace

import pytest
import urllib3
from twilio.rest import Client

from messaging.notices import delivery
from messaging.notices.sms import twilio
from messaging.notices.sms.base import (
    NotTaken,
    OptedOut,
    Receipt,
    Sms,
    WrongAddress,
)
from messaging.notices.states import NoticeState
from tests.factories import NoticeFactory
from tests.messaging.notices.conftest import ACCOUNT, TOKEN
from web import clock

SMS = Sms(
    "+46701740605", "Soderkoping", "E-tjänsten är öppen.", "5c0f2c8e-6f7c-4f4e-9d3c-0a1b2c3d4e5f"
)


@pytest.fixture
def api(twilio_api):
    return twilio_api


def send() -> Receipt:
    return twilio.Gateway().send(SMS)


class TestSend:
    def test_hands_over_number_text_and_sender(self, api, settings):
        receipt = send()

        [request] = api.requests
        assert request["method"] == "POST"
        assert request["path"] == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        assert request["parameters"] == {
            "To": "+46701740605",
            "From": "Soderkoping",
            "Body": "E-tjänsten är öppen.",
            "ValidityPeriod": "14400",
            "StatusCallback": settings.PUBLIC_BASE_URL
            + f"/aterkoppling/sms/twilio/{SMS.reference}/",
        }
        assert receipt == Receipt(api.taken[0].id, NoticeState.ACCEPTED, status="queued")

    def test_signs_in_with_the_accounts_token(self, api):
        send()

        both = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        assert api.requests[0]["auth"] == f"Basic {both}"

    def test_asks_the_region_of_the_settings(self, api):
        send()

        assert ".ie1.twilio.com" in api.requests[0]["host"]

    def test_lets_a_messaging_service_choose_the_sender(self, api, settings):
        settings.TWILIO_MESSAGING_SERVICE_SID = "MG" + "0" * 32

        send()

        parameters = api.requests[0]["parameters"]
        assert parameters["MessagingServiceSid"] == "MG" + "0" * 32
        assert "From" not in parameters

    @pytest.mark.parametrize(
        ("status", "state"),
        [
            ("accepted", NoticeState.ACCEPTED),
            ("queued", NoticeState.ACCEPTED),
            ("scheduled", NoticeState.ACCEPTED),
            ("sending", NoticeState.ACCEPTED),
            ("sent", NoticeState.SENT),
            ("delivered", NoticeState.DELIVERED),
            ("read", NoticeState.DELIVERED),
            ("undelivered", NoticeState.UNDELIVERED),
            ("failed", NoticeState.FAILED),
            ("a word that Twilio has not invented yet", NoticeState.ACCEPTED),
        ],
    )
    def test_says_what_is_known_already(self, api, status, state):
        api.first_status = status

        assert send().state == state

    @pytest.mark.parametrize("code", [21211, 21214, 21217, 21614, 21635])
    def test_tells_a_wrong_address_by_its_code(self, api, code):
        api.refuse(400, code)

        with pytest.raises(WrongAddress) as error:
            send()
        assert (error.value.code, error.type) == (str(code), WrongAddress)

    def test_tells_who_has_opted_out(self, api):
        api.refuse(400, 21610)

        with pytest.raises(OptedOut) as error:
            send()
        assert error.value.code == "21610"

    @pytest.mark.parametrize(
        ("status", "code"), [(429, 20429), (401, 20003), (400, 21212)], ids=str
    )
    def test_knows_that_what_was_refused_was_not_taken(self, api, status, code):
        api.refuse(status, code)

        with pytest.raises(NotTaken):
            send()

    def test_knows_that_nothing_left_when_no_connection_was_made_in_time(self, api, monkeypatch):
        def too_slow(*args, **kwargs):
            raise urllib3.exceptions.ConnectTimeoutError(None, "no answer to the first packet")

        monkeypatch.setattr(urllib3.connection.HTTPConnection, "connect", too_slow)

        with pytest.raises(NotTaken):
            send()

    def test_knows_that_nothing_left_when_the_name_is_unknown(self, api, monkeypatch):
        def unknown(*args, **kwargs):
            raise socket.gaierror(-2, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)

        with pytest.raises(NotTaken):
            send()


# What Twilio's published description says of the parameters that we use (api v2010, Messages).
CREATE = {
    "To": r"\+[1-9]\d{6,14}",
    "From": r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}",
    "MessagingServiceSid": r"MG[0-9a-fA-F]{32}",
    "Body": r"(?s).{1,1600}",
    "StatusCallback": r"https?://[A-Za-z0-9.:-]+/\S*",  # a host name, without underscores
    "ValidityPeriod": r"[1-9]\d{0,4}",
}
LIST = {"To": CREATE["To"], "PageSize": r"[1-9]\d{0,2}|1000"}


class TestEveryRequest:
    @pytest.mark.parametrize("service", ["", "MG" + "0" * 32], ids=["sender", "service"])
    def test_satisfies_what_twilio_has_published(self, api, settings, service):
        settings.TWILIO_MESSAGING_SERVICE_SID = service
        send()
        twilio.Gateway().find(SMS)

        create, find = (request["parameters"] for request in api.requests)
        for given, allowed in ((create, CREATE), (find, LIST)):
            for name, value in given.items():
                assert re.fullmatch(allowed[name], value), name
        assert int(create["ValidityPeriod"]) <= 14_400
        assert ("From" in create) != ("MessagingServiceSid" in create)

    def test_about_one_message_asks_by_its_id(self, api):
        sid = send().provider_id
        api.taken[0].status, api.taken[0].code = "undelivered", 30006

        found = twilio.Gateway().find(replace(SMS, provider_id=sid))

        path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}.json"
        assert api.requests[-1]["path"] == path
        assert found == [Receipt(sid, NoticeState.UNDELIVERED, "30006", "undelivered")]


@pytest.mark.django_db
class TestLogs:
    @pytest.fixture
    def notice(self, settings, time_machine):
        settings.SMS_GATEWAY = "messaging.notices.sms.twilio.Gateway"
        # Inside the sending hours. A real clock goes on: the server's threads live by it.
        time_machine.move_to("2026-11-24T10:00:00+01:00")
        return NoticeFactory(person__mobile="070-174 06 05", text=SMS.text)

    @pytest.fixture
    def printed(self):
        """What the product's own handler writes, at the level that its settings give."""
        [handler] = [h for h in logging.getLogger().handlers if type(h) is logging.StreamHandler]
        stream = handler.stream

        class Printed(list):
            def write(self, text: str) -> None:
                self.append(text)

            def flush(self) -> None:
                """Nothing is held back."""

        printed = Printed()
        handler.setStream(printed)
        yield printed
        handler.setStream(stream)

    @pytest.mark.parametrize(
        ("behaviour", "refusal", "state"),
        [
            ("accept", None, NoticeState.ACCEPTED),
            ("accept", (400, 21211), NoticeState.FAILED),
            ("accept", (503, 20500), NoticeState.IN_DOUBT),
            ("reset", None, NoticeState.IN_DOUBT),
        ],
        ids=["taken", "refused", "fault", "reset"],
    )
    def test_never_have_a_number_a_text_or_a_token(
        self, api, notice, printed, behaviour, refusal, state
    ):
        api.behaviour = behaviour
        if refusal:
            api.refuse(*refusal)

        delivery.deliver_due(now=clock.now())

        notice.refresh_from_db()
        assert notice.state == state
        log = "".join(printed)
        assert str(notice.ref) in log
        for secret in (SMS.to, SMS.to[3:], "E-tj", TOKEN, ACCOUNT):
            assert secret not in log


class TestGateway:
    def test_speaks_to_twilio_itself_outside_of_tests(self, settings):
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN

        client = twilio.Gateway()._client

        assert isinstance(client, Client)
        assert client.http_client.timeout == twilio.TIMEOUT_SECONDS
        assert client.api.base_url.startswith("https://api.twilio.com")

"""A small Twilio on this machine answers. Requests to the real host are turned to it."""

import base64
import logging
import re
import socket
import struct
import threading
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter
from twilio.rest import Client

from messaging.notices import delivery
from messaging.notices.sms import twilio
from messaging.notices.sms.base import (
    NotTaken,
    OptedOut,
    Receipt,
    Sms,
    Unknown,
    WrongAddress,
)
from messaging.notices.states import NoticeState
from tests.factories import NoticeFactory
from web import clock

ACCOUNT, TOKEN = "AC" + "0" * 32, "secret-token"
SID = "SM" + "1" * 32
SMS = Sms(
    "+46701740605", "Soderkoping", "E-tjänsten är öppen.", "5c0f2c8e-6f7c-4f4e-9d3c-0a1b2c3d4e5f"
)


class Twilio(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.requests: list[dict] = []
        self.status, self.body, self.behaviour = 201, {"sid": SID, "status": "queued"}, "answer"
        self.let_go = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def refuse(self, status: int, code: int) -> None:
        self.status = status
        self.body = {"code": code, "message": f"'To' {SMS.to} is not right", "status": status}

    def has_sent(self, *messages: dict) -> None:
        self.status, self.body = 200, {"messages": list(messages)}


class Answer(BaseHTTPRequestHandler):
    server: Twilio

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.reply(parse_qs(self.rfile.read(length).decode()))

    def do_GET(self) -> None:
        self.reply(parse_qs(urlsplit(self.path).query))

    def reply(self, parameters: dict) -> None:
        given = {name: values[0] for name, values in parameters.items()}
        self.server.requests.append(
            {
                "method": self.command,
                "path": urlsplit(self.path).path,
                "host": self.headers["X-Meant-For"],
                "auth": self.headers["Authorization"],
                "parameters": given,
            }
        )
        if self.server.behaviour == "reset":
            # Without lingering, closing is a reset.
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
            return
        if self.server.behaviour == "silent":
            self.server.let_go.wait(5)
            return
        body = self.server.body
        content = body.encode() if isinstance(body, str) else dumps(body).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def finish(self) -> None:
        if not self.connection._closed:
            super().finish()

    def log_message(self, *args: object) -> None:
        """Nothing: the default prints."""


class TurnedTo(HTTPAdapter):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def send(self, request, **kwargs):
        meant_for = urlsplit(request.url)
        request.headers["X-Meant-For"] = meant_for.netloc
        request.url = request.url.replace(f"https://{meant_for.netloc}", self.address)
        return super().send(request, **kwargs)


@pytest.fixture
def api(settings, monkeypatch):
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
    settings.TWILIO_MESSAGING_SERVICE_SID, settings.TWILIO_REGION = "", "ie1"
    server = Twilio()
    adapter = TurnedTo(server.address)
    monkeypatch.setattr(requests.Session, "get_adapter", lambda session, url: adapter)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.let_go.set()
    adapter.close()
    server.shutdown()
    thread.join()
    server.server_close()


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
        assert receipt == Receipt(SID, NoticeState.ACCEPTED, status="queued")

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
        api.body = {"sid": SID, "status": status}

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

    @pytest.mark.parametrize("status", [500, 503])
    def test_does_not_know_what_a_fault_at_twilio_means(self, api, status):
        api.refuse(status, 20500)

        with pytest.raises(Unknown):
            send()

    def test_does_not_know_when_no_answer_comes(self, api, monkeypatch):
        monkeypatch.setattr(twilio, "TIMEOUT_SECONDS", 0.2)
        api.behaviour = "silent"

        with pytest.raises(Unknown):
            send()

    def test_does_not_know_when_the_connection_is_reset(self, api):
        api.behaviour = "reset"

        with pytest.raises(Unknown):
            send()
        assert len(api.requests) == 1

    def test_knows_that_nothing_left_when_nobody_listens(self, api, monkeypatch):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            nobody = TurnedTo(f"http://127.0.0.1:{closed.getsockname()[1]}")
        monkeypatch.setattr(requests.Session, "get_adapter", lambda session, url: nobody)

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


class TestFind:
    def message(self, *, text=SMS.text, status="delivered", sid=SID, age=timedelta()) -> dict:
        created = format_datetime(clock.machine_now() - age)
        return {"sid": sid, "body": text, "status": status, "date_created": created}

    def test_gives_the_latest_with_the_same_text(self, api):
        other = self.message(text="Något annat", sid="SM" + "2" * 32)
        older = self.message(sid="SM" + "3" * 32, age=timedelta(hours=2))
        api.has_sent(other, self.message(status="undelivered"), older)

        found = twilio.Gateway().find(SMS)

        assert found == Receipt(SID, NoticeState.UNDELIVERED, status="undelivered")
        assert api.requests[0]["parameters"]["To"] == SMS.to

    def test_is_none_when_nothing_was_sent_there(self, api):
        api.has_sent()

        assert twilio.Gateway().find(SMS) is None

    def test_is_none_when_the_same_text_was_sent_another_day(self, api):
        api.has_sent(self.message(age=timedelta(days=1, minutes=1)))

        assert twilio.Gateway().find(SMS) is None

    @pytest.mark.parametrize("status", [429, 503])
    def test_is_to_be_asked_later_when_twilio_does_not_answer(self, api, status):
        api.refuse(status, 20429)

        with pytest.raises(NotTaken):
            twilio.Gateway().find(SMS)

    def test_is_to_be_asked_later_when_the_connection_is_reset(self, api):
        api.behaviour = "reset"

        with pytest.raises(NotTaken):
            twilio.Gateway().find(SMS)


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
        api.has_sent()
        twilio.Gateway().find(SMS)

        create, find = (request["parameters"] for request in api.requests)
        for given, allowed in ((create, CREATE), (find, LIST)):
            for name, value in given.items():
                assert re.fullmatch(allowed[name], value), name
        assert int(create["ValidityPeriod"]) <= 14_400
        assert ("From" in create) != ("MessagingServiceSid" in create)

    def test_about_one_message_asks_by_its_id(self, api):
        api.status, api.body = 200, {"sid": SID, "status": "delivered", "error_code": None}

        found = twilio.Gateway().find(replace(SMS, provider_id=SID))

        [request] = api.requests
        assert request["path"] == f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{SID}.json"
        assert found == Receipt(SID, NoticeState.DELIVERED, status="delivered")

    def test_about_one_that_is_gone_finds_nothing(self, api):
        api.refuse(404, 20404)

        assert twilio.Gateway().find(replace(SMS, provider_id=SID)) is None

    def test_about_one_is_made_again_later_when_twilio_does_not_answer(self, api):
        api.refuse(503, 20500)

        with pytest.raises(NotTaken):
            twilio.Gateway().find(replace(SMS, provider_id=SID))


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
            ("answer", None, NoticeState.ACCEPTED),
            ("answer", (400, 21211), NoticeState.FAILED),
            ("answer", (503, 20500), NoticeState.IN_DOUBT),
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

"""A real SMTP server on this machine receives what leaves the house."""

import asyncio
import email
import email.policy
import socket
import subprocess
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread

import pikepdf
import pytest
from aiosmtpd.controller import Controller

from messaging.notices import delivery
from messaging.notices.states import NoticeState
from messaging.sheet import actions as sheet
from staff.models import Municipality
from tests.factories import NoticeFactory, PersonFactory
from web import clock

pytestmark = pytest.mark.django_db


class Mailbox:
    """Keeps what it is given, and refuses whom it does not know."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.unknown: set[str] = set()
        self.busy: set[str] = set()
        self.answer, self.seconds = "250 OK", 0.0

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.unknown:
            return "550 5.1.1 No such user"
        if address in self.busy:
            return "450 4.2.1 Greylisted"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.received.append(envelope.content)
        await asyncio.sleep(self.seconds)
        return self.answer


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def mailbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.DEFAULT_FROM_EMAIL = "noreply@soderkoping.example"
    mailbox = Mailbox()
    server = Controller(mailbox, hostname="127.0.0.1", port=settings.EMAIL_PORT)
    server.start()
    yield mailbox
    server.stop()


@pytest.fixture
def notice(db):
    municipality = Municipality.load()
    municipality.name = "Söderköpings kommun"
    municipality.save()
    person = PersonFactory(account__active=True, account__notify_by_email=True)
    attached = sheet.current(municipality=municipality)
    return NoticeFactory(email=True, person=person, sheet=attached, text="Hej!\n\nÅ, ä och ö.\n")


def deliver(notice) -> str:
    delivery.deliver_due(now=clock.now())
    notice.refresh_from_db()
    return notice.state


class TestWhatLeavesTheHouse:
    def test_is_neutral_and_whole(self, mailbox, notice):
        assert deliver(notice) == NoticeState.SENT

        message = email.message_from_bytes(mailbox.received[0], policy=email.policy.default)
        assert message["Message-ID"] == f"<{notice.ref}@soderkoping.example>"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["From"].addresses[0].display_name == "Söderköpings kommun"
        # A folded header may begin with the space that folded it.
        assert message["Subject"].strip() == notice.subject
        assert message["To"].addresses[0].addr_spec == notice.address
        plain = message.get_body(("plain",)).get_content()
        assert plain.replace("\r\n", "\n") == notice.text
        assert message.get_body(("html",)).get_content().strip() == notice.html

    def test_carries_the_sheet_under_a_neutral_name(self, mailbox, notice):
        deliver(notice)

        message = email.message_from_bytes(mailbox.received[0], policy=email.policy.default)
        (attachment,) = message.iter_attachments()
        assert attachment.get_content_type() == "application/pdf"
        assert attachment.get_filename() == "informationsblad-meddelanden.pdf"
        assert attachment.get_content() == bytes(notice.sheet.pdf)
        with pikepdf.open(BytesIO(attachment.get_content())) as pdf:
            assert len(pdf.pages) == 1
            assert pdf.Root.Lang == "sv"

    def test_carries_a_sheet_whose_swedish_letters_can_be_read_out(self, mailbox, notice):
        deliver(notice)

        message = email.message_from_bytes(mailbox.received[0], policy=email.policy.default)
        (attachment,) = message.iter_attachments()
        words = subprocess.run(
            ["pdftotext", "-", "-"],
            input=attachment.get_content(),
            capture_output=True,
            check=True,
        ).stdout.decode()
        assert "Så använder du" in words
        assert "Söderköpings kommun" in words

    def test_is_sent_once(self, mailbox, notice):
        deliver(notice)
        deliver(notice)

        assert len(mailbox.received) == 1


class TestWhatGoesWrong:
    def test_an_unknown_receiver_is_final_and_shown(self, mailbox, notice):
        mailbox.unknown.add(notice.address)

        assert deliver(notice) == NoticeState.FAILED
        assert notice.last_code == "550"

    def test_a_receiver_who_is_busy_is_tried_again(self, mailbox, notice):
        mailbox.busy.add(notice.address)

        assert deliver(notice) == NoticeState.QUEUED

    @pytest.mark.parametrize("answer", ["451 4.3.0 Try again", "554 5.7.1 Not from you"])
    def test_what_the_server_said_no_to_is_tried_again(self, mailbox, notice, answer):
        mailbox.answer = answer

        assert deliver(notice) == NoticeState.QUEUED
        assert notice.last_code == "not_taken"

    def test_a_server_that_does_not_let_us_in_is_tried_again(self, mailbox, settings, notice):
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "koppla", "fel"

        assert deliver(notice) == NoticeState.QUEUED
        assert mailbox.received == []

    def test_a_server_that_never_greets_us_is_tried_again(self, settings, notice):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_TIMEOUT = 0.2
        with socket.create_server(("127.0.0.1", 0)) as silent:
            settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()

            assert deliver(notice) == NoticeState.QUEUED

    def test_a_server_that_may_have_taken_it_leaves_doubt(self, mailbox, settings, notice):
        settings.EMAIL_TIMEOUT = 0.3
        mailbox.seconds = 0.6

        assert deliver(notice) == NoticeState.IN_DOUBT
        assert len(mailbox.received) == 1

    def test_a_server_that_is_down_is_tried_again(self, settings, notice):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()

        assert deliver(notice) == NoticeState.QUEUED
        assert notice.failures == 0


class Api(ThreadingHTTPServer):
    """A provider over HTTP, which says what it is told to."""

    daemon_threads = True

    def __init__(self, status: int) -> None:
        super().__init__(("127.0.0.1", 0), _ApiAnswer)
        self.status = status


class _ApiAnswer(BaseHTTPRequestHandler):
    server: Api

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        content = b'{"messageId": "<1@provider.example>", "message": "karin@exempel.se"}'
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args) -> None:
        pass


class TestAProviderOverHttp:
    @pytest.mark.parametrize(
        ("status", "state", "code"),
        [
            (201, NoticeState.SENT, ""),
            (400, NoticeState.QUEUED, "400"),
            (401, NoticeState.QUEUED, "401"),
            (429, NoticeState.QUEUED, "429"),
            (500, NoticeState.IN_DOUBT, "unknown"),
        ],
    )
    def test_is_believed_as_far_as_it_proves_something(self, settings, notice, status, state, code):
        with Api(status) as api:
            Thread(target=api.serve_forever, daemon=True).start()
            settings.EMAIL_BACKEND = "anymail.backends.brevo.EmailBackend"
            url = f"http://127.0.0.1:{api.server_port}/"
            settings.ANYMAIL = {"BREVO_API_KEY": "key", "BREVO_API_URL": url}

            delivery.deliver_due(now=clock.now())

            api.shutdown()
        notice.refresh_from_db()
        assert (notice.state, notice.last_code) == (state, code)

    def test_that_is_not_set_up_is_left_alone_and_loses_nothing(self, settings, notice):
        settings.EMAIL_BACKEND = "anymail.backends.brevo.EmailBackend"
        settings.ANYMAIL = {}

        delivery.deliver_due(now=clock.now())

        notice.refresh_from_db()
        assert (notice.state, notice.last_code) == (NoticeState.QUEUED, "settings")

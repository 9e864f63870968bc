"""What a broken line to a mail server proves, and that nothing is lost in making it ready once."""

import email
import email.policy
from contextlib import closing

import pytest

from messaging.notices import delivery, smtp
from messaging.notices import email as notices
from messaging.notices.models import Notice
from messaging.notices.sms.base import Unavailable
from messaging.notices.states import NoticeState
from tests.factories import NoticeFactory, PersonFactory, SheetVersionFactory
from tests.messaging.notices.mail_server import MailServer
from web import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings):
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.DEFAULT_FROM_EMAIL = "noreply@soderkoping.example"
    with server.running():
        yield server


def an_email(**facts) -> Notice:
    person = PersonFactory(account__active=True, account__notify_by_email=True)
    return NoticeFactory(email=True, person=person, **facts)


def deliver() -> None:
    delivery.deliver_due(now=clock.now())


def state(notice: Notice) -> str:
    notice.refresh_from_db()
    return notice.state


class TestABrokenLine:
    @pytest.mark.parametrize("when", ["gone", "gone at data", "busy"])
    def test_before_the_message_is_proof_that_it_never_left(self, server, when):
        notice = an_email()
        server.behaviour = when

        deliver()

        assert (state(notice), notice.last_code, notice.failures) == ("queued", "not_reached", 0)

    @pytest.mark.parametrize("when", ["lost", "cut", "deaf"])
    def test_after_the_message_proves_nothing(self, server, settings, when):
        notice = an_email()
        server.behaviour = when
        settings.EMAIL_TIMEOUT = 0.3

        deliver()

        assert state(notice) == NoticeState.IN_DOUBT

    def test_between_two_messages_costs_neither_of_them(self, server):
        emails = [an_email() for _ in range(3)]
        server.behaviour = "parting"

        deliver()

        assert {state(one) for one in emails} == {NoticeState.SENT}
        assert sorted(server.references) == sorted(str(one.ref) for one in emails)
        assert server.lines == 3

    def test_is_not_replaced_when_it_has_become_too_late_to_start(self, server):
        line = notices.Line()
        line.send(an_email())
        server.behaviour = "gone"

        with closing(line), pytest.raises(Unavailable):
            line.send(an_email(), deadline=-1.0)

        assert (len(server.taken), server.lines) == (1, 1)


class TestTheLine:
    def test_is_kept_from_one_message_to_the_next(self, server):
        for _ in range(5):
            an_email()

        deliver()

        assert (len(server.taken), server.lines) == (5, 1)


class TestWhatIsMadeReady:
    def test_is_what_django_would_have_sent(self, server):
        sheet = SheetVersionFactory()
        texts = ("Hej på dig.\n\n.En rad som börjar med en punkt.\n", "Något annat.\n")
        emails = [an_email(sheet=sheet, text=text) for text in (*texts, *texts)]

        deliver()

        by_reference = dict(zip(server.references, server.taken, strict=True))
        for one in emails:
            sent = by_reference[str(one.ref)].replace(b"\r\n..", b"\r\n.")
            assert _read(sent) == _read(notices.compose(one).message().as_bytes())

    def test_is_forgotten_when_it_is_too_much(self, server, monkeypatch):
        monkeypatch.setattr(smtp.Prepared, "AT_MOST", 1)
        emails = [an_email(text=f"Hej {n}.\n") for n in range(3)]

        deliver()

        texts = {_read(message)[1] for message in server.taken}
        assert texts == {_read(notices.compose(one).message().as_bytes())[1] for one in emails}


def _read(message: bytes) -> tuple[dict[str, str], tuple[bytes, ...]]:
    """Headers and parts, without when it was, and without the line between the parts."""
    read = email.message_from_bytes(message, policy=email.policy.default)
    headers = {name: value for name, value in read.items() if name not in {"Date", "Content-Type"}}
    parts = [part for part in read.walk() if not part.is_multipart()]
    contents = (part.get_payload(decode=True).replace(b"\r\n", b"\n") for part in parts)
    return headers, tuple(content.rstrip() for content in contents)

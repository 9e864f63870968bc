"""One e-mail through Django's mail, whatever stands behind it."""

import math
import time
from contextlib import closing, suppress
from email.utils import format_datetime, formataddr
from smtplib import SMTP

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from anymail.message import AnymailMessage
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django.utils.module_loading import import_string

from messaging.notices import smtp
from messaging.notices.models import Notice
from messaging.notices.sms.base import (
    Misconfigured,
    NotTaken,
    Receipt,
    Unavailable,
    Unknown,
    WrongAddress,
)
from messaging.notices.states import NoticeState
from web import clock


class Line:
    """To whoever takes our e-mail. Kept from one to the next: being let in costs more than sending.

    For one worker, and one round.
    """

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None
        self._prepared = smtp.Prepared(compose)

    def send(self, notice: Notice, deadline: float = math.inf) -> Receipt:
        """Raises NotTaken, WrongAddress or Unknown, as an SMS gateway does."""
        if self._connection:
            try:
                return self._send(notice)
            except Unavailable as error:
                # A server may hang up on who has been silent, or has said enough.
                if error.code != smtp.NOT_REACHED or time.monotonic() > deadline:
                    raise
        return self._send(notice)

    def _send(self, notice: Notice) -> Receipt:
        try:
            self._hand_over(notice)
        except BaseException:
            self.close()
            raise
        return Receipt(message_id(notice), NoticeState.SENT)

    def _hand_over(self, notice: Notice) -> None:
        if self._connection is None:
            self._connection = _connection()
            _open(self._connection)
        server = getattr(self._connection, "connection", None)
        if isinstance(server, SMTP):
            own = {"To": smtp.address(notice.address)} | _own_headers(notice)
            sender = smtp.address(settings.DEFAULT_FROM_EMAIL)
            smtp.hand_over(server, sender, own["To"], self._prepared.content(notice, own))
        else:
            _hand_over(self._connection, compose(notice))

    def close(self) -> None:
        connection, self._connection = self._connection, None
        # The server has answered already: how we part says nothing of the message.
        with suppress(OSError):
            if connection:
                connection.close()


def send(notice: Notice) -> Receipt:
    """One alone. Raises NotTaken, WrongAddress or Unknown, as an SMS gateway does."""
    with closing(Line()) as line:
        return line.send(notice)


def _connection() -> BaseEmailBackend:
    try:
        return get_connection()
    except ImproperlyConfigured:  # a key is missing
        raise Misconfigured("settings") from None


def _open(connection: BaseEmailBackend) -> None:
    from smtplib import SMTPAuthenticationError

    try:
        connection.open()
    except SMTPAuthenticationError as error:
        raise Misconfigured(str(error.smtp_code)) from None
    except OSError as error:  # nothing has been said of the message yet
        raise Unavailable(smtp.NOT_REACHED) from error


def _hand_over(connection: BaseEmailBackend, message: EmailMultiAlternatives) -> None:
    try:
        connection.send_messages([message])
    except AnymailRecipientsRefused:
        raise WrongAddress("refused") from None
    except AnymailError as error:
        raise _api_fault(error) from None
    except OSError as error:
        raise Unknown from error


def _api_fault(error: AnymailError) -> Exception:
    """What a provider's answer over HTTP proves. Never the error itself: it quotes the address."""
    from requests.exceptions import ConnectTimeout

    status = error.status_code
    if isinstance(error, ConnectTimeout):
        return Unavailable(smtp.NOT_REACHED)
    if not isinstance(error, AnymailAPIError) or status in {401, 403}:
        return Misconfigured(str(status or "settings"))
    if status == 429:
        return Unavailable("429")
    if status and 400 <= status < 500:
        return NotTaken(str(status))
    return Unknown()


def find(notice: Notice) -> list[Receipt]:
    """Whether it left before a worker died. An SMTP relay cannot be asked: Unknown."""
    if not settings.EMAIL_FINDER:
        raise Unknown
    found: bool = import_string(settings.EMAIL_FINDER)(message_id(notice))
    return [Receipt(message_id(notice), NoticeState.SENT)] if found else []


def compose(notice: Notice) -> EmailMultiAlternatives:
    message: EmailMultiAlternatives = AnymailMessage(
        subject=notice.subject,
        body=notice.text,
        from_email=formataddr((notice.sender, settings.DEFAULT_FROM_EMAIL)),
        to=[notice.address],
        # Comes back with what the provider tells. A relay never sees it.
        metadata={"ref": str(notice.ref)},
        headers={**_own_headers(notice), "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(notice.html, "text/html")
    if notice.sheet:
        message.attach(*notice.sheet.attachment())
    return message


def _own_headers(notice: Notice) -> dict[str, str]:
    return {
        # The same id at each attempt, so that a receiver can see that it is the same.
        "Message-ID": message_id(notice),
        "Date": format_datetime(timezone.localtime(clock.now())),
    }


def message_id(notice: Notice) -> str:
    return f"<{notice.ref}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2]}>"

"""One e-mail through Django's mail, whatever stands behind it."""

from contextlib import suppress
from email.utils import format_datetime, formataddr

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from anymail.message import AnymailMessage
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django.utils.module_loading import import_string

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

PERMANENT = range(550, 555)


def send(notice: Notice) -> Receipt:
    """Raises NotTaken, WrongAddress or Unknown, as an SMS gateway does."""
    message, connection = compose(notice), _connection()
    try:
        _open(connection)
        _hand_over(connection, message)
    finally:
        # The server has answered already: how we part says nothing of the message.
        with suppress(OSError):
            connection.close()
    return Receipt(message_id(notice), NoticeState.SENT)


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
        raise Unavailable("not_reached") from error


def _hand_over(connection: BaseEmailBackend, message: EmailMultiAlternatives) -> None:
    from smtplib import (
        SMTPNotSupportedError,
        SMTPRecipientsRefused,
        SMTPResponseException,
        SMTPSenderRefused,
    )

    try:
        connection.send_messages([message])
    except SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise (WrongAddress(str(code)) if code in PERMANENT else NotTaken()) from None
    except SMTPSenderRefused as error:
        raise (Misconfigured if error.smtp_code in PERMANENT else Unavailable)("sender") from None
    except (SMTPResponseException, SMTPNotSupportedError) as error:  # the server said no
        raise NotTaken from error
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
        return Unavailable("not_reached")
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
        headers={
            # The same id at each attempt, so that a receiver can see that it is the same.
            "Message-ID": message_id(notice),
            "Date": format_datetime(timezone.localtime(clock.now())),
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(notice.html, "text/html")
    if notice.sheet:
        message.attach(*notice.sheet.attachment())
    return message


def message_id(notice: Notice) -> str:
    return f"<{notice.ref}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2]}>"

"""One e-mail through Django's mail, whatever stands behind it."""

from email.utils import format_datetime, formataddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from django.utils.module_loading import import_string

from messaging.notices.models import Notice
from messaging.notices.sms.base import NotTaken, Receipt, Unknown, WrongAddress
from messaging.notices.states import NoticeState
from web import clock

PERMANENT = range(550, 555)


def send(notice: Notice) -> Receipt:
    """Raises NotTaken, WrongAddress or Unknown, as an SMS gateway does."""
    from smtplib import SMTPConnectError, SMTPException, SMTPRecipientsRefused

    message = compose(notice)
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise (WrongAddress(str(code)) if code in PERMANENT else NotTaken()) from None
    except (SMTPConnectError, ConnectionRefusedError) as error:
        raise NotTaken from error
    except (SMTPException, OSError) as error:
        raise Unknown from error
    return Receipt(message_id(notice), NoticeState.SENT)


def find(notice: Notice) -> Receipt | None:
    """Whether it left before a worker died. An SMTP relay cannot be asked: Unknown."""
    if not settings.EMAIL_FINDER:
        raise Unknown
    found: bool = import_string(settings.EMAIL_FINDER)(message_id(notice))
    return Receipt(message_id(notice), NoticeState.SENT) if found else None


def compose(notice: Notice) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=notice.subject,
        body=notice.text,
        from_email=formataddr((notice.sender, settings.DEFAULT_FROM_EMAIL)),
        to=[notice.address],
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

"""What has left the house in the demo: it lies in a folder, as it was sent."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from django.conf import settings

from messaging.notices.models import Channel

# Django's file backend ends each e-mail so. What has no end is still being written.
_END_OF_EMAIL = b"\n" + b"-" * 79 + b"\n"


@dataclass(frozen=True)
class Attachment:
    name: str
    content: bytes
    type: str


@dataclass(frozen=True)
class Sent:
    """An SMS or an e-mail as the receiver gets it. The slug says which, among those there are."""

    slug: str
    channel: Channel
    at: datetime
    to: str
    sender: str
    text: str
    subject: str = ""
    message_id: str = ""
    attachment: Attachment | None = None

    @property
    def is_sms(self) -> bool:
        return self.channel == Channel.SMS


def read() -> list[Sent]:
    """Everything, the newest first."""
    return sorted([*_sms(), *_emails()], key=lambda sent: (sent.at, sent.slug), reverse=True)


def find(slug: str) -> Sent | None:
    """Looked for among what there is: a slug never becomes part of a path."""
    return next((sent for sent in read() if sent.slug == slug), None)


def find_email(message_id: str) -> bool:
    """Whether this e-mail left. `settings.EMAIL_FINDER` names this in the demo."""
    return any(sent.message_id == message_id for sent in _emails())


def _sms() -> list[Sent]:
    files = Path(settings.OUTBOX_DIR).glob("*.sms.json")
    written = [json.loads(file.read_text()) for file in files]
    return [
        Sent(
            slug=sms["reference"],
            channel=Channel.SMS,
            at=datetime.fromisoformat(sms["at"]),
            to=sms["to"],
            sender=sms["sender"],
            text=sms["text"],
        )
        for sms in written
    ]


def _emails() -> list[Sent]:
    parser = BytesParser(policy=policy.default)
    return [
        _as_sent(f"{file.stem}-{number}", parser.parsebytes(content))
        for file in Path(settings.OUTBOX_DIR).glob("*.log")
        # More than one when two were sent in the same second: the backend names files by it.
        for number, content in enumerate(file.read_bytes().split(_END_OF_EMAIL)[:-1], start=1)
    ]


def _as_sent(slug: str, message: EmailMessage) -> Sent:
    body = message.get_body(("plain",))
    return Sent(
        slug=slug,
        channel=Channel.EMAIL,
        at=_in_utc(message["Date"].datetime),
        to=str(message["To"]),
        sender=str(message["From"].addresses[0].display_name or message["From"]),
        subject=str(message["Subject"]).strip(),
        text=body.get_content() if body else "",
        message_id=str(message["Message-ID"]),
        attachment=_attachment(message),
    )


def _in_utc(at: datetime) -> datetime:
    """What Django dates by itself says "-0000", which is read as a time without a zone."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _attachment(message: EmailMessage) -> Attachment | None:
    part = next(message.iter_attachments(), None)
    if part is None:
        return None
    return Attachment(part.get_filename() or "", part.get_content(), part.get_content_type())

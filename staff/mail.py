"""Writing to those who work here: neutral, like everything that leaves the house."""

import structlog
from django.core.mail import send_mail

log = structlog.get_logger(__name__)


def write(receiver: str, subject: str, text: str) -> None:
    """Never raises: what one does not get must not keep the next from it."""
    try:
        send_mail(subject, text, None, [receiver])
    except Exception as error:
        log.warning("colleague not told", error=type(error).__name__)

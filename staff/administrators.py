"""Writing to those who run the system: neutral, like everything that leaves the house."""

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse

from staff import permissions
from staff.models import Role

log = structlog.get_logger(__name__)


def write(subject: str, text: str, *, page: str) -> None:
    """One e-mail to each. `text` says where to look with %(address)s: of the page named `page`.

    Never raises: it may be e-mail itself that has stopped, and the caller's log line has told.
    """
    text %= {"address": settings.PUBLIC_BASE_URL + reverse(page)}
    for receiver in permissions.holders(Role.SYSTEM_ADMIN).values_list("email", flat=True):
        try:
            send_mail(subject, text, None, [receiver])
        except Exception as error:
            log.warning("administrator not told", error=type(error).__name__)

"""Writing to those who run the system."""

from django.conf import settings
from django.urls import reverse

from staff import mail, permissions
from staff.models import Role


def write(subject: str, text: str, *, page: str) -> None:
    """One e-mail to each. `text` says where to look with %(address)s: of the page named `page`.

    Never raises: it may be e-mail itself that has stopped, and the caller's log line has told.
    """
    text %= {"address": settings.PUBLIC_BASE_URL + reverse(page)}
    for receiver in permissions.holders(Role.SYSTEM_ADMIN).values_list("email", flat=True):
        mail.write(receiver, subject, text)

"""`client.force_login(user)` leaves a session as a whole sign-in does, with its second factor."""

import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.test import Client

from staff import second_factor, sessions

_by_password = Client.force_login


def force_login(client: Client, user: AbstractBaseUser, backend: str | None = None) -> None:
    # A session of its own: one from before has begun before, also when the test moves the time.
    client.cookies.pop(settings.SESSION_COOKIE_NAME, None)
    _by_password(client, user, backend)
    request: Any = HttpRequest()
    request.session, request.user = client.session, user
    second_factor.record(request, "totp")
    sessions.seconds_left(request.session)
    request.session.save()


def force_login_by_password(client: Client, user: AbstractBaseUser) -> None:
    """What there is before the second factor."""
    _by_password(client, user)


def code(secret: str) -> str:
    """What the app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from staff.models import User


class UserRequest(HttpRequest):
    """A request behind sign-in: `SignInMiddleware` has seen to it."""

    user: User
    htmx: HtmxDetails

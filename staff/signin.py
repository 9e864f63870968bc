import time
from typing import TYPE_CHECKING

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_WAIT = _("Du har försökt för många gånger. Vänta en stund och försök igen.")


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody signs up: administrators add those who work here."""

    # The library's Swedish blames; ours says what to do.
    error_messages: "dict[str, StrOrPromise]" = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "E-postadressen och lösenordet hör inte ihop. Kontrollera båda och försök igen."
        ),
        "incorrect_password": _("Lösenordet stämmer inte. Kontrollera det och försök igen."),
        "too_many_login_attempts": _WAIT,
        "rate_limited": _WAIT,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **options: object) -> bool:
        """Whoever has just signed in has just shown who they are."""
        records = get_authentication_records(self.request, self.request.user)
        timeout = app_settings.REAUTHENTICATION_TIMEOUT
        return not records or time.time() - records[-1]["at"] > timeout

"""Something one has, besides the password: an app with codes, a security key, or printed codes."""

from typing import TYPE_CHECKING

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from staff import cipher
from staff.models import User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_PURPOSE = "second factor"


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages: "dict[str, StrOrPromise]" = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("Koden stämmer inte. Kontrollera den och försök igen."),
        "cannot_generate_recovery_codes": _("Ställ in tvåstegsinloggning innan du gör koder."),
    }

    def encrypt(self, text: str) -> str:
        return cipher.encrypt(text, purpose=_PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        return cipher.decrypt(encrypted_text, purpose=_PURPOSE)

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002  # theirs
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return gettext("Säkerhetsnyckel %(number)d") % {"number": count + 1}


def record(request: HttpRequest, kind: str) -> None:
    """In the session, where allauth also writes down its own: the user has just shown it."""
    record_authentication(request, request.user, "mfa", type=kind)


def was_shown(request: HttpRequest) -> bool:
    """In this session, and not only some time: another one may be open without it."""
    records = get_authentication_records(request, request.user)
    return any(shown["method"] == "mfa" for shown in records)


def is_set_up(user: User) -> bool:
    return bool(Authenticator.objects.filter(user_id=user.pk).exists())

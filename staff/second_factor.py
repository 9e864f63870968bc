"""Something one has, besides the password: an app with codes, a security key, or printed codes."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from staff.models import User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages: "dict[str, StrOrPromise]" = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("Koden stämmer inte. Kontrollera den och försök igen."),
        "cannot_generate_recovery_codes": _("Ställ in tvåstegsinloggning innan du gör koder."),
    }

    def encrypt(self, text: str) -> str:
        """A copy of the database alone must not be enough to make somebody's codes."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

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


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    return urlsafe_b64encode(sha256(f"second factor: {key}".encode()).digest())

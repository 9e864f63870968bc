from collections.abc import Callable
from typing import Any

from allauth.account.forms import LoginForm
from allauth.account.forms import ReauthenticateForm as PasswordForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth has no types
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"].error_messages |= {
            "required": _("Skriv din e-postadress."),
            "invalid": _("E-postadressen är inte hel. Skriv den så här: namn@exempel.se."),
        }
        self.fields["password"].error_messages["required"] = _("Skriv ditt lösenord.")


class PasswordAgainForm(PasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["password"].error_messages["required"] = _("Skriv ditt lösenord.")


class AsksForCode(forms.Form):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"].error_messages["required"] = _("Skriv koden.")


class CodeForm(AsksForCode, AuthenticateForm):  # type: ignore[misc]
    pass


class CodeAgainForm(AsksForCode, ReauthenticateForm):  # type: ignore[misc]
    pass


class ActivateAppForm(AsksForCode, ActivateTOTPForm):  # type: ignore[misc]
    pass


class AddKeyForm(AddWebAuthnForm):  # type: ignore[misc]
    def clean_credential(self) -> Any:
        answer = self.cleaned_data["credential"]
        _check_answer(answer, auth.parse_registration_response)
        return answer


class KeyForm(AuthenticateWebAuthnForm):  # type: ignore[misc]
    def clean_credential(self) -> Any:
        _check_answer(self.cleaned_data["credential"], auth.parse_authentication_response)
        return super().clean_credential()


class KeyAgainForm(KeyForm, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass


def _check_answer(answer: Any, read: Callable[[Any], object]) -> None:
    """Anybody can send anything as a security key's answer, and reading it fails in many ways."""
    try:
        read(answer)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ValidationError(
            _("Nyckeln svarade inte, eller så avbröts det. Försök igen.")
        ) from None

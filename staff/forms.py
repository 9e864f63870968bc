from typing import Any

from allauth.account.forms import LoginForm
from allauth.account.forms import ReauthenticateForm as PasswordForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
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

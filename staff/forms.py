from typing import TYPE_CHECKING, Any

from allauth.account.forms import LoginForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# The library's Swedish blames; ours says what to do.
_WORDS: "dict[str, StrOrPromise]" = {
    "email_password_mismatch": _(
        "E-postadressen och lösenordet hör inte ihop. Kontrollera båda och försök igen."
    ),
    "too_many_login_attempts": _(
        "Du har försökt för många gånger. Vänta en stund och försök igen."
    ),
}


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth has no types
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"].error_messages |= {
            "required": _("Skriv din e-postadress."),
            "invalid": _("E-postadressen är inte hel. Skriv den så här: namn@exempel.se."),
        }
        self.fields["password"].error_messages["required"] = _("Skriv ditt lösenord.")

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError as error:
            words = _WORDS.get(error.code or "", error.message)
            raise ValidationError(words, code=error.code) from error
        return cleaned

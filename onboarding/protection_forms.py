"""What is asked about somebody with protected data: mostly why."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from onboarding.forms import SwitchOnForm
from persons.actions import SwitchOn
from persons.models import EServiceAccount, Protection
from web.forms import Form

CHANNELS = (
    "notify_by_sms", "mobile", "notify_by_email", "email", "read_by_others",
    "channels_read_by_others",
)  # fmt: skip


def reason_field(label: Any, missing: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": missing,
            "max_length": gettext_lazy("Skriv kortare, högst 150 tecken."),
        },
    )


class RevealForm(Form):
    reason = reason_field(
        gettext_lazy("Varför behöver du se uppgiften?"),
        gettext_lazy("Skriv varför du behöver se uppgiften."),
    )


class MarkForm(Form):
    protection = forms.ChoiceField(
        label=gettext_lazy("Vilken markering gäller?"),
        choices=[
            (Protection.CONFIDENTIALITY_MARKING, Protection.CONFIDENTIALITY_MARKING.label),
            (Protection.PROTECTED_REGISTRATION, Protection.PROTECTED_REGISTRATION.label),
            (Protection.UNKNOWN, gettext_lazy("Vet inte. Skydda för säkerhets skull")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Välj vilken markering som gäller.")},
    )
    reason = reason_field(
        gettext_lazy("Hur vet du det?"), gettext_lazy("Skriv hur du vet om markeringen.")
    )


class AskForm(Form):
    reason = reason_field(
        gettext_lazy("Varför behöver personen e-tjänsten?"),
        gettext_lazy("Skriv varför personen behöver e-tjänsten."),
    )


class ProtectedSwitchOnForm(SwitchOnForm):
    """Without SMS and e-mail: number and address are neither asked for nor shown."""

    def __init__(self, data: Any = None, *, account: EServiceAccount) -> None:
        super().__init__(data, account=account)
        for name in CHANNELS:
            del self.fields[name]

    def details(self) -> SwitchOn:
        person = self.account.person
        wish_on: date = self.cleaned_data["wish_on"]
        return SwitchOn(
            notify_by_sms=False,
            notify_by_email=False,
            mobile=person.mobile,
            mobile_e164=person.mobile_e164,
            email=person.email,
            sms_read_by_others=self.account.sms_read_by_others,
            email_read_by_others=self.account.email_read_by_others,
            wish_on=wish_on,
        )

    def warnings(self) -> list[str]:
        """The page has said that nothing is sent."""
        return []


def switch_on_form(data: Any = None, *, account: EServiceAccount) -> SwitchOnForm:
    form = ProtectedSwitchOnForm if account.person.is_protected else SwitchOnForm
    return form(data, account=account)

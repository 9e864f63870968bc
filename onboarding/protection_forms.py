"""What is asked about somebody with protected data: mostly why."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onboarding.forms import SwitchOnForm
from persons.actions import SwitchOn
from persons.models import EServiceAccount, Protection
from staff.models import User
from web import clock
from web.forms import DateField, Form

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


class NameForm(Form):
    user = forms.ModelChoiceField(
        label=gettext_lazy("Vem ska få se personen?"),
        queryset=User.objects.none(),
        to_field_name="public_id",
        empty_label=gettext_lazy("Välj"),
        error_messages={
            "required": gettext_lazy("Välj vem som ska få se personen."),
            "invalid_choice": gettext_lazy("Välj någon i listan."),
        },
    )
    reason = reason_field(
        gettext_lazy("Varför?"), gettext_lazy("Skriv varför hen behöver se personen.")
    )
    valid_until = DateField(label=gettext_lazy("Till och med vilken dag?"), required=False)

    def __init__(self, data: Any = None, *, colleagues: QuerySet[User]) -> None:
        super().__init__(data)
        self.fields["user"].queryset = colleagues  # type: ignore[attr-defined]

    def clean_valid_until(self) -> date | None:
        day: date | None = self.cleaned_data["valid_until"]
        if day and day < clock.today():
            raise ValidationError(_("Datumet har redan varit. Välj ett senare datum."))
        return day


class DecisionForm(Form):
    answer = forms.ChoiceField(
        label=gettext_lazy("Får e-tjänsten kopplas på?"),
        choices=[
            ("yes", gettext_lazy("Ja, utan sms och mejl")),
            ("no", gettext_lazy("Nej. Är den på stängs den av direkt")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Välj ja eller nej.")},
    )
    valid_from = DateField(
        label=gettext_lazy("Från och med vilken dag gäller beslutet?"), required=False
    )
    reason = reason_field(
        gettext_lazy("Vad bygger beslutet på?"), gettext_lazy("Skriv vad beslutet bygger på.")
    )
    reveals = {("answer", "yes"): "valid_from"}

    def clean_valid_from(self) -> date:
        day: date | None = self.cleaned_data["valid_from"]
        if self.data.get("answer") != "yes":
            return clock.today()
        if day is None:
            raise ValidationError(_("Skriv från och med när beslutet gäller."))
        return day


class LiftForm(Form):
    reason = reason_field(
        gettext_lazy("Varför gäller markeringen inte längre?"),
        gettext_lazy("Skriv varför markeringen inte gäller längre."),
    )

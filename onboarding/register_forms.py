"""What staff type about somebody new: the number first, then who it is and the case."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from onboarding.case_forms import WORKERS, NewCaseForm
from onboarding.channels_form import ContactForm
from onboarding.person_fields import FamilyNameField, GivenNameField, IdentityNumberField
from persons.actions import CaseDates, PersonDetails
from persons.models import EServiceAccount, Protection, Registration
from staff.models import Role, Unit, User
from web import languages
from web.forms import Form


class NumberForm(Form):
    identity_number = IdentityNumberField()


class DetailsForm(ContactForm):
    """Who somebody is, and how the person is reached."""

    given_name = GivenNameField()
    family_name = FamilyNameField()
    language = forms.ChoiceField(
        label=gettext_lazy("Språk i meddelanden"),
        choices=languages.CHOICES,
        initial=languages.SWEDISH,
    )
    interpreter = forms.CharField(
        label=gettext_lazy("Tolk"),
        max_length=50,
        required=False,
        help_text=gettext_lazy("Vilket språk, om personen behöver tolk"),
    )


class ChangeDetailsForm(DetailsForm):
    version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ["given_name", "family_name", "mobile", "email", "language", "interpreter"]

    def __init__(self, data: Any = None, *, account: EServiceAccount) -> None:
        known = {name: getattr(account.person, name) for name in self.field_order}
        super().__init__(data, initial=known | {"version": account.version})

    def details(self) -> PersonDetails:
        typed = {name: self.cleaned_data[name] for name in self.field_order}
        return PersonDetails(**typed, mobile_e164=self._e164)


class RegistrationForm(NewCaseForm, DetailsForm):
    """Nothing is compared with what is known of the person: the answer would tell."""

    protection = forms.ChoiceField(
        label=gettext_lazy("Har personen skyddade personuppgifter?"),
        choices=[
            (Protection.NONE, gettext_lazy("Nej")),
            (Protection.UNKNOWN, gettext_lazy("Ja, eller jag vet inte")),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Svara på om personen har skyddade personuppgifter.")
        },
    )
    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    field_order = [
        "given_name", "family_name", "protection", "mobile", "email", "language", "interpreter",
        "number", "unit", "investigation_opened_on", "decided_on", "executed_on", *WORKERS,
    ]  # fmt: skip

    def __init__(self, data: Any = None, *, units: list[Unit], by: User) -> None:
        mine = {"case_worker": Role.CASE_WORKER, "support_contact": Role.SUPPORT_CONTACT}
        own = {name: by.pk for name, role in mine.items() if by.has_role(role)}
        super().__init__(data, units=units, initial=own)
        self.order_fields(self.field_order)

    def registration(self, identity_number: str) -> Registration:
        data = self.cleaned_data
        named = (
            "given_name", "family_name", "protection", "mobile", "email", "language",
            "interpreter", "number", "unit", *CaseDates().days(), *WORKERS,
        )  # fmt: skip
        return Registration(
            public_id=data["submission"],
            identity_number=identity_number,
            mobile_e164=self._e164,
            **{name: data[name] for name in named},
        )


class RefusalForm(Form):
    refusal = forms.CharField(
        label=gettext_lazy("Varför inte?"),
        help_text=gettext_lazy("Den som frågade ser svaret. Skriv inget om någon person."),
        max_length=200,
        error_messages={
            "required": gettext_lazy("Skriv varför, så att den som frågade förstår."),
            "max_length": gettext_lazy("Skriv högst 200 tecken."),
        },
    )

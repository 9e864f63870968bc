"""What says who somebody is, as people write it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from persons import identity_number
from web import clock


class IdentityNumberField(forms.CharField):
    """A personnummer or samordningsnummer as people write it; 12 digits when it is clean."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", gettext_lazy("Personnummer"))
        options.setdefault(
            "widget", forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"})
        )
        options.setdefault(
            "error_messages", {"required": gettext_lazy("Skriv personnumret med 12 siffror.")}
        )
        super().__init__(max_length=30, **options)

    def clean(self, value: Any) -> str:
        try:
            return identity_number.parse(super().clean(value), today=clock.today())
        except identity_number.InvalidIdentityNumber as error:
            raise ValidationError(str(error)) from None


class GivenNameField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        error_messages = {"required": gettext_lazy("Skriv förnamnet.")}
        label = gettext_lazy("Förnamn")
        super().__init__(label=label, max_length=100, error_messages=error_messages, **options)


class FamilyNameField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        error_messages = {"required": gettext_lazy("Skriv efternamnet.")}
        label = gettext_lazy("Efternamn")
        super().__init__(label=label, max_length=100, error_messages=error_messages, **options)

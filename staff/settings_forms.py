from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from staff.models import User
from web.forms import DateField, Form, ModelForm

LONGEST = timedelta(days=366)


class MySettingsForm(ModelForm):
    class Meta:
        model = User
        fields = ("phone", "morning_email", "keyboard_shortcuts")
        labels = {
            "phone": _("Telefon"),
            "morning_email": _("Skicka ett mejl på morgonen när det finns något nytt att läsa"),
            "keyboard_shortcuts": _("Använd tangentbordsgenvägar"),
        }
        help_texts = {
            "phone": _("Står i de meddelanden som du skriver under."),
            "morning_email": _(
                "Om dem som du har kopplat på. Högst ett mejl om dagen, på vardagar. "
                "Det säger bara att du kan logga in och läsa."
            ),
        }
        widgets = {
            "phone": forms.TextInput(
                attrs={"class": "input--short", "type": "tel", "autocomplete": "tel"}
            )
        }
        error_messages = {"phone": {"max_length": _("Telefonnumret får vara högst 30 tecken.")}}


class AbsenceForm(Form):
    """Checks the days; who may be chosen is passed in."""

    user = forms.ModelChoiceField(
        label=_("Vem är borta?"),
        queryset=User.objects.none(),
        empty_label=_("Välj medarbetare"),
        error_messages={
            "required": _("Välj vem som är borta."),
            "invalid_choice": _("Välj vem som är borta."),
        },
    )
    first = DateField(label=_("Första dagen"))
    last = DateField(label=_("Sista dagen"))
    substitute = forms.ModelChoiceField(
        label=_("Ersättare"),
        help_text=_("Ersättaren ser samma personer och gör arbetet under tiden."),
        queryset=User.objects.none(),
        empty_label=_("Välj ersättare"),
        error_messages={
            "required": _("Välj vem som tar över medan du är borta."),
            "invalid_choice": _("Välj någon som har samma roll."),
        },
    )

    def __init__(
        self, *args: Any, workers: QuerySet[User], substitutes: QuerySet[User], today: date
    ) -> None:
        super().__init__(*args)
        self.today = today
        self.fields["user"].queryset = workers  # type: ignore[attr-defined]
        self.fields["substitute"].queryset = substitutes  # type: ignore[attr-defined]

    def clean_first(self) -> date:
        first: date = self.cleaned_data["first"]
        if first < self.today:
            raise forms.ValidationError(_("Frånvaron kan börja tidigast i dag."))
        return first

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        first, last = given.get("first"), given.get("last")
        if first and last and last < first:
            self.add_error("last", _("Sista dagen kan inte vara före den första."))
        elif first and last and last - first > LONGEST:
            self.add_error("last", _("Frånvaron kan vara högst ett år. Skriv en tidigare dag."))
        if given.get("user") and given.get("user") == given.get("substitute"):
            self.add_error("substitute", _("Välj någon annan än den som är borta."))
        return given

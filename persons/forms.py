from django import forms
from django.utils.translation import gettext_lazy as _

from persons import search
from web import clock
from web.forms import Form


class SearchForm(Form):
    """Sent by POST only: what is searched for never stands in an address."""

    term = forms.CharField(
        label=_("Namn, personnummer eller ärendenummer"),
        help_text=_(
            "Minst tre bokstäver av namnet, hela personnumret eller de fyra sista siffrorna."
        ),
        max_length=100,
        error_messages={"required": _("Skriv ett namn, ett personnummer eller ett ärendenummer.")},
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def clean_term(self) -> search.Term:
        return _read(self.cleaned_data["term"])


def _read(typed: str) -> search.Term:
    try:
        return search.read(typed, today=clock.today())
    except search.NotSearchable as error:
        raise forms.ValidationError(str(error)) from error

from django import forms
from django.utils.translation import gettext_lazy as _

from persons import search
from persons.search import Kind
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


class EmergencyForm(Form):
    term = forms.CharField(
        label=_("Personnummer eller ärendenummer"),
        help_text=_("Hela numret. Det går inte att öppna med ett namn."),
        max_length=100,
        error_messages={"required": _("Skriv personnumret eller ärendenumret.")},
        widget=forms.TextInput(attrs={"class": "input--short", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=_("Varför behöver du öppna?"),
        help_text=_("Skriv med egna ord. Den som granskar läser det."),
        min_length=10,
        max_length=200,
        error_messages={
            "required": _("Skriv varför du behöver öppna uppgifterna."),
            "min_length": _("Skriv lite mer om varför du behöver öppna, minst 10 tecken."),
        },
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_term(self) -> search.Term:
        term = _read(self.cleaned_data["term"])
        if term.kind in {Kind.NAME, Kind.LAST_FOUR}:
            raise forms.ValidationError(_("Skriv hela personnumret eller hela ärendenumret."))
        return term


class ReviewForm(Form):
    finding = forms.CharField(
        label=_("Vad visade granskningen?"),
        max_length=500,
        error_messages={"required": _("Skriv vad granskningen visade.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def _read(typed: str) -> search.Term:
    try:
        return search.read(typed, today=clock.today())
    except search.NotSearchable as error:
        raise forms.ValidationError(str(error)) from error

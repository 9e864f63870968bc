from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from persons.models import LogReview
from web.forms import Form


class LogReviewForm(Form):
    decision = forms.TypedChoiceField(
        label=_("Bedömning"),
        choices=LogReview.Decision.choices,
        coerce=LogReview.Decision,
        widget=forms.RadioSelect,
        error_messages={"required": _("Välj en bedömning.")},
    )
    text = forms.CharField(
        label=_("Vad granskningen visade"),
        help_text=_("Behövs inte om öppningen hörde till arbetet."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=500,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        decision = cleaned.get("decision")
        if decision and decision != LogReview.Decision.JUSTIFIED and not cleaned.get("text"):
            self.add_error("text", _("Skriv vad granskningen visade."))
        return cleaned

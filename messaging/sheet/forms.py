from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from messaging.sheet.models import SheetText
from web.forms import Form


class SheetTextForm(Form):
    body = forms.CharField(
        label=_("Bladets text"),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 34, "spellcheck": "true"}),
        error_messages={"required": _("Skriv bladets text.")},
    )
    seen_edits = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, shown: SheetText, seen_edits: int) -> None:
        super().__init__(data, initial={"body": shown.body, "seen_edits": seen_edits})
        self["body"].field.widget.attrs["lang"] = shown.language

    def clean_body(self) -> str:
        return "\n".join(self.cleaned_data["body"].splitlines())

    def refuse(self, problems: dict[str, list[str]]) -> None:
        for name, sentences in problems.items():
            for sentence in sentences:
                self.add_error(name, sentence)

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from messaging.wording import sms_length
from messaging.wording.forms import VersionForm
from messaging.wording.kinds import Medium
from messaging.wording.models import Text

ROWS = {Medium.SMS: 5, Medium.EMAIL: 18, Medium.MESSAGE: 28}


class TextForm(VersionForm[Text]):
    subject = forms.CharField(
        label=gettext_lazy("Ämne"),
        max_length=100,
        error_messages={"required": gettext_lazy("Skriv ett ämne.")},
    )
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=8000,
        widget=forms.Textarea(attrs={"spellcheck": "true"}),
        error_messages={"required": gettext_lazy("Skriv en text.")},
    )

    def __init__(self, data: Any = None, *, shown: Text, seen_edits: int) -> None:
        super().__init__(data, shown=shown, seen_edits=seen_edits)
        if not shown.has_subject:
            del self.fields["subject"]
        fields = ", ".join(f"{{{name}}}" for name in shown.fields)
        self.fields["body"].help_text = _("Det här fylls i: %(fields)s") % {"fields": fields}
        self.fields["body"].widget.attrs["rows"] = ROWS[Medium(shown.medium)]

    def replace_costly(self) -> None:
        """What is typed, in characters that cost less. Nothing is kept yet."""
        self.put(body=sms_length.cheaper(self.data.get("body", "")))

from django import forms
from django.utils.translation import gettext_lazy as _

from messaging.sheet.models import SheetText
from messaging.wording.forms import VersionForm


class SheetTextForm(VersionForm[SheetText]):
    body = forms.CharField(
        label=_("Bladets text"),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 34, "spellcheck": "true"}),
        error_messages={"required": _("Skriv bladets text.")},
    )

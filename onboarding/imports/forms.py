import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onboarding.imports import csv_file
from onboarding.imports.csv_file import MAX_MEGABYTES
from web.forms import Form


class UploadForm(Form):
    """A file that is right in form. What its rows say is looked at afterwards."""

    file = forms.FileField(
        label=gettext_lazy("CSV-fil"),
        help_text=gettext_lazy("Sparad som CSV UTF-8, högst 50 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={
            "required": gettext_lazy("Välj en fil."),
            "missing": gettext_lazy("Välj en fil."),
            "invalid": gettext_lazy("Välj en fil."),
            "empty": gettext_lazy("Filen är tom. Välj en annan fil."),
            "max_length": gettext_lazy("Filens namn är för långt. Byt namn på filen."),
        },
    )
    # Names this page, so that two clicks are one import.
    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        megabytes = -(-upload.size // 1_000_000)
        if megabytes > MAX_MEGABYTES:
            raise ValidationError(
                _("Filen är %(size)d MB. Den får vara högst %(max)d MB. Dela upp den i flera."),
                params={"size": megabytes, "max": MAX_MEGABYTES},
            )
        try:
            csv_file.count(upload.file)
        except csv_file.Unreadable as error:
            raise ValidationError(str(error)) from None
        return upload

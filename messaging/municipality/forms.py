import re
from base64 import b64decode
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from messaging.municipality import logo
from messaging.municipality.logo import Logo
from messaging.sheet import document, pdf, published
from messaging.wording import revealing
from staff.models import Municipality
from web.forms import ModelForm

# What is read by whoever picks up the telephone.
SEEN_BY_ALL = ("name", "english_name", "sender_name", "website", "sheet_address")


def short(**attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "input--short", "autocomplete": "off", **attrs})


class TimeField(forms.TimeField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            input_formats=["%H.%M", "%H:%M"],
            widget=forms.TimeInput(
                format="%H.%M", attrs={"class": "input--short", "autocomplete": "off"}
            ),
            error_messages={
                "required": gettext_lazy("Skriv ett klockslag, till exempel 09.00."),
                "invalid": gettext_lazy("Skriv klockslaget så här: 09.00."),
            },
            **options,
        )


class MunicipalityForm(ModelForm):
    """Everything that names the municipality.

    A chosen logo is sent back and forth in `kept_logo` until it is saved: a browser forgets
    which file was chosen.
    """

    logo_file = forms.FileField(
        label=gettext_lazy("Ny logotyp"),
        help_text=gettext_lazy("PNG eller JPEG, högst 200 kB."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
        error_messages={"empty": gettext_lazy("Filen är tom. Välj en bild i PNG eller JPEG.")},
        required=False,
    )
    remove_logo = forms.BooleanField(label=gettext_lazy("Ta bort logotypen"), required=False)
    sms_from = TimeField(label=gettext_lazy("Sms skickas från kl."))
    sms_until = TimeField(
        label=gettext_lazy("Sms skickas till kl."),
        help_text=gettext_lazy("Bara på vardagar. Aldrig före 08.00 eller efter 20.00."),
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Municipality
        fields = (
            "name", "english_name", "sender_name", "website", "sheet_address", "reply_days",
            "switchboard", "out_of_hours_phone", "support_phone", "colour", "sms_from", "sms_until",
        )  # fmt: skip
        widgets = {
            "sender_name": short(spellcheck="false"),
            "website": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            "sheet_address": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            "reply_days": short(inputmode="numeric"),
            "switchboard": short(type="tel"),
            "out_of_hours_phone": short(type="tel"),
            "support_phone": short(type="tel"),
            "colour": short(spellcheck="false"),
        }
        help_texts = {
            "name": gettext_lazy("Står som avsändare i mejl, till exempel Söderköpings kommun."),
            "sender_name": gettext_lazy("Högst 11 tecken, till exempel Soderkoping."),
            "website": gettext_lazy("Utan https://, till exempel soderkoping.se."),
            "colour": gettext_lazy("Som # och sex tecken, till exempel #0b5a8a."),
        }
        error_messages = {
            "name": {"required": gettext_lazy("Skriv kommunens namn.")},
            "sender_name": {
                "required": gettext_lazy("Skriv avsändaren, till exempel Soderkoping.")
            },
            "website": {
                "required": gettext_lazy("Skriv webbadressen, till exempel soderkoping.se."),
                "invalid": gettext_lazy("Skriv bara webbadressen, till exempel soderkoping.se."),
            },
            "colour": {"required": gettext_lazy("Skriv färgen, till exempel #0b5a8a.")},
            "reply_days": dict.fromkeys(
                ("required", "invalid", "min_value", "max_value"),
                gettext_lazy("Skriv ett antal vardagar mellan 1 och 30."),
            ),
        }

    def __init__(self, data: Any = None, files: Any = None, *, instance: Municipality) -> None:
        super().__init__(data, files, instance=instance, initial={"seen_version": instance.version})
        self.saved_logo = _saved(instance)
        self.new_logo: Logo | None = None

    @property
    def shown_logo(self) -> Logo | None:
        return self.new_logo or self.saved_logo

    def clean_website(self) -> str:
        return re.sub(r"^https?://", "", self.cleaned_data["website"].lower()).rstrip("/")

    def clean_colour(self) -> str:
        return str(self.cleaned_data["colour"]).lower()

    def clean_logo_file(self) -> None:
        uploaded = self.cleaned_data["logo_file"]
        kept = str(self.data.get("kept_logo") or "")
        if not uploaded and not kept:
            return
        try:
            self.new_logo = logo.check(uploaded.read() if uploaded else _decoded(kept))
        except logo.NotALogo as error:
            raise ValidationError(str(error)) from None
        self["logo_file"].help_text = _(
            "Den nya logotypen är vald. Den sparas när du trycker på Spara."
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("seen_version") != self.instance.version:
            self.add_error(None, _changed_meanwhile())
        for name in SEEN_BY_ALL:
            if word := revealing.find(data.get(name) or "", revealing.own_words()):
                self.add_error(name, revealing.reveals(word))
        if data.get("sms_from") and data.get("sms_until") and data["sms_from"] >= data["sms_until"]:
            self.add_error("sms_until", _("Sluttiden ska vara efter starttiden."))
        self._set_logo(remove=data.get("remove_logo", False))
        return data

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and not self.errors:
            self._check_sheet()

    def _set_logo(self, *, remove: bool) -> None:
        if remove:
            self.new_logo = self.saved_logo = None
        if remove or self.new_logo:
            self.instance.logo = self.new_logo.content if self.new_logo else b""
            self.instance.logo_type = self.new_logo.type if self.new_logo else ""

    def _check_sheet(self) -> None:
        """The sheet must still be one page: a welcome cannot be sent without it."""
        for language in published.available():
            text = published.find(language.code)
            try:
                pdf.render(document.standalone(text, municipality=self.instance))
            except pdf.CannotRender as error:
                message = _("Informationsbladet, %(language)s: %(problem)s")
                words = {"language": str(language.name).lower(), "problem": error}
                self.add_error(None, message % words)
                return


def _saved(municipality: Municipality) -> Logo | None:
    if not municipality.logo:
        return None
    return Logo(bytes(municipality.logo), municipality.logo_type)


def _decoded(kept: str) -> bytes:
    try:
        return b64decode(kept)
    except ValueError:
        return b""


def _changed_meanwhile() -> str:
    return _(
        "Någon annan har ändrat uppgifterna sedan du öppnade sidan. Inget är sparat. "
        "Ladda om sidan och gör om dina ändringar."
    )

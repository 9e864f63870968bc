"""How somebody is reached and told: the same questions for a person and for a relation."""

import difflib
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from persons import mobile_number
from persons.actions import Channels
from persons.models import Person
from staff.models import Municipality, User
from web.forms import Form

# Where Swedes have their mail: what a slip of the finger is compared with.
COMMON_DOMAINS = (
    "gmail.com", "hotmail.com", "hotmail.se", "outlook.com", "live.se", "icloud.com",
    "telia.com", "yahoo.com", "yahoo.se", "msn.com",
)  # fmt: skip


class ContactForm(Form):
    """A number and an address as people write them."""

    mobile = forms.CharField(
        label=gettext_lazy("Telefon mobil"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
    )
    email = forms.CharField(
        label=gettext_lazy("E-postadress"),
        max_length=254,
        required=False,
        widget=forms.TextInput(
            attrs={"inputmode": "email", "autocomplete": "off", "spellcheck": "false"}
        ),
    )

    _e164 = ""

    def clean_mobile(self) -> str:
        typed: str = self.cleaned_data["mobile"].strip()
        if not typed:
            return typed
        try:
            self._e164 = mobile_number.to_e164(typed)
        except mobile_number.InvalidMobileNumber as error:
            raise ValidationError(str(error)) from None
        if self._e164 in _numbers_at_work():
            raise ValidationError(
                _("Det här är ett nummer på jobbet. Skriv personens eget nummer.")
            )
        return typed

    def clean_email(self) -> str:
        typed: str = self.cleaned_data["email"].strip()
        if not typed:
            return typed
        if "@" not in typed:
            raise ValidationError(_("E-postadressen saknar @. Skriv den så här: namn@exempel.se."))
        local, _at, domain = typed.rpartition("@")
        address = f"{local}@{domain.lower()}"
        try:
            validate_email(address)
        except ValidationError:
            raise ValidationError(
                _("E-postadressen stämmer inte. Skriv den så här: namn@exempel.se.")
            ) from None
        website = Municipality.load().website.removeprefix("www.")
        if domain.lower() == website:
            raise ValidationError(
                _("Adressen slutar på %(domain)s. Skriv personens egen adress.")
                % {"domain": website}
            )
        return address


class ChannelsForm(ContactForm):
    """Checks input only. `warnings` are what is probably, but not surely, a mistake."""

    notify_by_sms = forms.BooleanField(label=gettext_lazy("Notifiering via SMS"), required=False)
    notify_by_email = forms.BooleanField(
        label=gettext_lazy("Notifiering via e-post"), required=False
    )
    read_by_others = forms.ChoiceField(
        label=gettext_lazy("Kan någon annan läsa personens sms eller mejl?"),
        choices=[
            ("no", gettext_lazy("Nej")),
            ("yes", gettext_lazy("Ja, eller personen är osäker")),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Svara på om någon annan kan läsa personens sms eller mejl.")
        },
    )
    channels_read_by_others = forms.MultipleChoiceField(
        label=gettext_lazy("Vad kan någon annan läsa?"),
        choices=[("sms", gettext_lazy("Sms")), ("email", gettext_lazy("Mejl"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    reveals = {("read_by_others", "yes"): "channels_read_by_others"}

    # Whose own details these are, so that a warning is not about the person's own row.
    owner: Person | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("notify_by_sms") and data.get("mobile") == "":
            self.add_error("mobile", _("Skriv mobilnumret, till exempel 070-174 06 05."))
        if data.get("notify_by_email") and data.get("email") == "":
            self.add_error("email", _("Skriv e-postadressen, till exempel namn@exempel.se."))
        if data.get("read_by_others") == "yes" and not data.get("channels_read_by_others"):
            self.add_error("channels_read_by_others", _("Kryssa i sms, mejl eller båda."))
        return data

    def channels(self) -> Channels:
        """What to save. A channel that somebody else can read is not used for notices."""
        data = self.cleaned_data
        shared = data["channels_read_by_others"] if data["read_by_others"] == "yes" else []
        return Channels(
            notify_by_sms=data["notify_by_sms"] and "sms" not in shared,
            notify_by_email=data["notify_by_email"] and "email" not in shared,
            mobile=data["mobile"],
            mobile_e164=self._e164,
            email=data["email"],
            sms_read_by_others="sms" in shared,
            email_read_by_others="email" in shared,
        )

    def warnings(self) -> list[str]:
        """Asked about on a page of its own before anything is saved."""
        channels = self.channels()
        found = [self._foreign(channels), self._elsewhere(channels), self._slip(channels)]
        return [text for text in found if text]

    def _foreign(self, channels: Channels) -> str:
        if not channels.mobile_e164 or not mobile_number.is_foreign(channels.mobile_e164):
            return ""
        return _(
            "Numret är utländskt (%(code)s). Det går att spara. "
            "Vi får kanske inte veta om sms:et kommer fram."
        ) % {"code": mobile_number.country_code(channels.mobile_e164)}

    def _elsewhere(self, channels: Channels) -> str:
        others = Person.objects.filter(mobile_e164=channels.mobile_e164)
        if self.owner:
            others = others.exclude(pk=self.owner.pk)
        if not channels.mobile_e164 or not others.exists():
            return ""
        # Never whose: that somebody else is known here is itself secret.
        return _("Numret finns redan på en annan person. Kontrollera att det är rätt.")

    def _slip(self, channels: Channels) -> str:
        local, _at, domain = channels.email.rpartition("@")
        close = difflib.get_close_matches(domain, COMMON_DOMAINS, n=1, cutoff=0.8)
        if not close or domain in COMMON_DOMAINS:
            return ""
        return _("Du skrev %(typed)s. Menade du %(address)s?") % {
            "typed": channels.email,
            "address": f"{local}@{close[0]}",
        }


def _numbers_at_work() -> set[str]:
    phones = User.objects.exclude(phone="").values_list("phone", flat=True)
    return {e164 for phone in phones if (e164 := _e164_or_nothing(phone))}


def _e164_or_nothing(phone: str) -> str:
    try:
        return mobile_number.to_e164(phone)
    except mobile_number.InvalidMobileNumber:
        return ""

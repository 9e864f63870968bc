from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from persons.models import AccessLogEntry
from staff.models import User
from web.forms import Form

# The value in the address, which is also how many days.
PERIODS = {"30": _("30 dagar"), "90": _("90 dagar"), "365": _("Ett år"), "3650": _("Tio år")}
USUAL = "30"


class ReadersForm(Form):
    """Which looks to show. It is sent by GET: nothing in it is about the person."""

    period = forms.ChoiceField(label=_("Period"), choices=list(PERIODS.items()), required=False)
    vem = forms.ChoiceField(label=_("Vem"), required=False)
    handelse = forms.ChoiceField(
        label=_("Händelse"),
        choices=[("", _("Alla")), *AccessLogEntry.Action.choices],
        required=False,
    )

    def __init__(self, asked: Any, *, users: list[User] | None) -> None:
        super().__init__({"period": USUAL} | asked.dict())
        if users is None:
            del self.fields["vem"]
        else:
            choices = [(str(user.public_id), str(user)) for user in users]
            self.fields["vem"].choices = [("", _("Alla")), *choices]  # type: ignore[attr-defined]

    @staticmethod
    def days(asked: Any) -> int:
        chosen = asked.get("period", USUAL)
        return int(chosen if chosen in PERIODS else USUAL)

    def narrow(self, looks: Any) -> Any:
        """What is not one of the choices narrows nothing."""
        self.full_clean()
        if who := self.cleaned_data.get("vem"):
            looks = looks.filter(user__public_id=who)
        if action := self.cleaned_data.get("handelse"):
            looks = looks.filter(action=action)
        return looks

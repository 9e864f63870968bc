"""What staff type in the four steps. Forms check input and nothing else."""

import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from messaging.inbox import welcome
from messaging.wording import variables
from onboarding.channels_form import ChannelsForm
from onboarding.person_fields import FamilyNameField, GivenNameField, IdentityNumberField
from persons.actions import SwitchOn
from persons.models import EServiceAccount, Person, Wish
from relations.actions import LONGEST, CloseRelative, reused_contact
from relations.models import ConsentForm, RelationsAnswer
from web import clock
from web.forms import DateField, Form

LATER_DAYS = 90
RIGHTS = [
    ("may_read_messages", gettext_lazy("Läsa meddelanden")),
    ("may_write_messages", gettext_lazy("Skriva meddelanden")),
    ("may_see_documents", gettext_lazy("Se dokument och beslut")),
    ("may_see_invitations", gettext_lazy("Se kallelser")),
]


class SwitchOnForm(ChannelsForm):
    wish = forms.ChoiceField(
        label=gettext_lazy("Vill personen använda e-tjänsten?"),
        choices=[
            (Wish.YES, gettext_lazy("Ja")),
            (Wish.NO, gettext_lazy("Nej, inte nu")),
            (Wish.NO_EID, gettext_lazy("Personen saknar e-legitimation")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Välj om personen vill använda e-tjänsten.")},
    )
    wish_on = DateField(
        label=gettext_lazy("Vilken dag sa personen ja?"),
        required=False,
    )
    ask_again_on = DateField(
        label=gettext_lazy("När vill du fråga igen?"),
        required=False,
    )
    messages_enabled = forms.BooleanField(label=gettext_lazy("Meddelande"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    field_order = [
        "wish", "wish_on", "ask_again_on", "messages_enabled", "notify_by_sms", "mobile",
        "notify_by_email", "email", "read_by_others", "channels_read_by_others",
    ]  # fmt: skip

    reveals = ChannelsForm.reveals | {
        ("wish", Wish.YES): "wish_on",
        ("wish", Wish.NO): "ask_again_on",
    }

    def __init__(self, data: Any = None, *, account: EServiceAccount) -> None:
        self.account = account
        self.owner = account.person
        super().__init__(data, initial=_known(account))
        # The risk is a question only when the answer to the first one is yes.
        self.fields["read_by_others"].required = self._is_yes()

    def _is_yes(self) -> bool:
        return self.data.get("wish") == Wish.YES

    def clean_wish_on(self) -> date | None:
        day: date | None = self.cleaned_data["wish_on"]
        if not self._is_yes():
            return None
        if day is None:
            raise ValidationError(_("Skriv vilken dag personen sa ja."))
        if day > clock.today():
            raise ValidationError(
                _("Datumet har inte varit än. Skriv det datum då personen sa ja.")
            )
        return day

    def clean_ask_again_on(self) -> date | None:
        day: date | None = self.cleaned_data["ask_again_on"]
        if self.data.get("wish") != Wish.NO:
            return None
        return _a_later_day(day)

    def clean(self) -> dict[str, Any]:
        if not self._is_yes():
            # What is typed further down is kept on the page, and not asked about.
            for name in ("mobile", "email"):
                self.errors.pop(name, None)
            return self.cleaned_data
        data = super().clean()
        if not data.get("messages_enabled"):
            self.add_error(
                "messages_enabled", _("Kryssa i Meddelande för att koppla på e-tjänsten.")
            )
        return data

    def details(self) -> SwitchOn:
        return SwitchOn(wish_on=self.cleaned_data["wish_on"], **vars(self.channels()))

    def warnings(self) -> list[str]:
        channels = self.channels()
        found = super().warnings()
        if not channels.notify_by_sms and not channels.notify_by_email:
            found.insert(0, str(NO_NOTIFICATION))
        return found


def _a_later_day(day: date | None) -> date:
    if day is None:
        raise ValidationError(_("Välj ett datum då du vill fråga igen."))
    if day <= clock.today():
        raise ValidationError(_("Datumet har redan varit. Välj ett senare datum."))
    return day


NO_NOTIFICATION = gettext_lazy(
    "Personen får inget sms eller mejl när det kommer något. "
    "Det kan vara rätt om någon annan läser telefonen."
)


def _known(account: EServiceAccount) -> dict[str, Any]:
    """What the page shows before anybody has typed. SMS is what most people choose."""
    person, today = account.person, clock.today()
    asked = account.wish == Wish.YES
    shared = {"sms": account.sms_read_by_others, "email": account.email_read_by_others}
    return {
        "wish": account.wish or Wish.YES,
        "wish_on": account.wish_on if asked else today,
        "ask_again_on": account.ask_again_on or today + timedelta(days=LATER_DAYS),
        "messages_enabled": account.messages_enabled or not asked,
        "notify_by_sms": account.notify_by_sms or not asked,
        "notify_by_email": account.notify_by_email,
        "mobile": person.mobile,
        "email": person.email,
        "read_by_others": _risk(list(shared.values())) if asked else None,
        "channels_read_by_others": [name for name, answer in shared.items() if answer],
        "version": account.version,
    }


def _risk(answers: list[bool | None]) -> str | None:
    if any(answers):
        return "yes"
    return "no" if False in answers else None


class WelcomeForm(Form):
    subject = forms.CharField(
        label=gettext_lazy("Ämne"),
        max_length=100,
        error_messages={
            "required": gettext_lazy("Skriv ett ämne."),
            "max_length": gettext_lazy("Ämnet får ha högst 100 tecken. Korta ner det."),
        },
    )
    body = forms.CharField(
        label=gettext_lazy("Meddelande"),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 26}),
        error_messages={
            "required": gettext_lazy("Skriv ett meddelande."),
            "max_length": gettext_lazy("Meddelandet får ha högst 8 000 tecken. Korta ner det."),
        },
    )
    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    version = forms.IntegerField(widget=forms.HiddenInput, initial=0)

    def __init__(self, *args: Any, sender: Mapping[str, str], **kwargs: Any) -> None:
        """`sender`: what has been known of the sender since the text was begun."""
        super().__init__(*args, **kwargs)
        self.sender = sender

    def clean_subject(self) -> str:
        return self._filled("subject")

    def clean_body(self) -> str:
        return self._filled("body")

    def _filled(self, name: str) -> str:
        # Again: filled in, it may have become too long.
        text: str = self.fields[name].clean(variables.fill(self.cleaned_data[name], self.sender))
        if missing := list(welcome.missing(text)):
            raise ValidationError(missing)
        return text


class RelationsAnswerForm(Form):
    answer = forms.ChoiceField(
        label=gettext_lazy("Vill personen att någon annan ska kunna läsa och skriva?"),
        choices=[
            ("yes", gettext_lazy("Ja, lägg till")),
            (RelationsAnswer.Answer.NO, RelationsAnswer.Answer.NO.label),
            (RelationsAnswer.Answer.LATER, RelationsAnswer.Answer.LATER.label),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Välj ett av svaren.")},
    )
    ask_again_on = DateField(label=gettext_lazy("När vill du fråga igen?"), required=False)
    reveals = {("answer", RelationsAnswer.Answer.LATER): "ask_again_on"}

    def clean_ask_again_on(self) -> date | None:
        day: date | None = self.cleaned_data["ask_again_on"]
        if self.data.get("answer") != RelationsAnswer.Answer.LATER:
            return None
        return _a_later_day(day)


class CloseRelativeForm(ChannelsForm):
    identity_number = IdentityNumberField()
    given_name = GivenNameField()
    family_name = FamilyNameField()
    kinship = forms.CharField(
        label=gettext_lazy("Hur känner de varandra?"), max_length=50, required=False
    )
    investigation_opened_on = DateField(
        label=gettext_lazy("När inleddes utredningen?"),
        error_messages={
            "required": gettext_lazy(
                "Relationer kan aktiveras när en utredning har inletts. "
                "Skriv datumet när den inleddes."
            )
        },
    )
    consent_on = DateField(
        label=gettext_lazy("Vilken dag sa personen ja?"),
        error_messages={"required": gettext_lazy("Skriv datumet när personen sa ja.")},
    )
    consent_form = forms.ChoiceField(
        label=gettext_lazy("Hur sa personen ja?"),
        choices=ConsentForm.choices[:2],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Välj hur personen sa ja.")},
    )
    valid_until = DateField(
        label=gettext_lazy("Till och med vilken dag gäller samtycket?"),
        error_messages={"required": gettext_lazy("Skriv hur länge samtycket gäller.")},
    )
    may = forms.MultipleChoiceField(
        label=gettext_lazy("Vad får personen göra?"),
        choices=RIGHTS,
        initial=["may_read_messages", "may_write_messages"],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Kryssa i minst en sak som personen får göra.")},
    )
    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    field_order = [
        "identity_number", "given_name", "family_name", "kinship", "investigation_opened_on",
        "consent_on", "consent_form", "valid_until", "may", "notify_by_sms", "mobile",
        "notify_by_email", "email",
    ]  # fmt: skip

    def __init__(
        self, data: Any = None, *, principal: Person, investigation_opened_on: date | None
    ) -> None:
        self.principal = principal
        today = clock.today()
        super().__init__(
            data,
            initial={
                "investigation_opened_on": investigation_opened_on,
                "consent_on": today,
                "valid_until": today + timedelta(days=182),
                "notify_by_sms": True,
            },
        )

    def clean_identity_number(self) -> str:
        number: str = self.cleaned_data["identity_number"]
        if number == self.principal.identity_number:
            raise ValidationError(
                _("Det här är %(name)s själv. Skriv personnumret för den som ska läggas till.")
                % {"name": self.principal.given_name}
            )
        return number

    def clean_investigation_opened_on(self) -> date:
        return self._not_in_the_future("investigation_opened_on")

    def clean_consent_on(self) -> date:
        return self._not_in_the_future("consent_on")

    def clean_valid_until(self) -> date:
        day: date = self.cleaned_data["valid_until"]
        today = clock.today()
        if day < today:
            raise ValidationError(_("Slutdatumet har redan varit. Välj ett senare datum."))
        if day > today + LONGEST:
            raise ValidationError(
                _("Samtycket kan gälla högst ett år. Välj ett tidigare slutdatum.")
            )
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors:
            for name in reused_contact(self.principal, self.channels()):
                self.add_error(name, _("Skriv relationens egna kontaktuppgifter, inte personens."))
        return data

    def details(self) -> CloseRelative:
        data = self.cleaned_data
        named = (
            "identity_number", "given_name", "family_name", "kinship",
            "investigation_opened_on", "consent_on", "consent_form", "valid_until",
        )  # fmt: skip
        rights: dict[str, Any] = {right: right in data["may"] for right, _label in RIGHTS}
        return CloseRelative(
            **{name: data[name] for name in named}, **rights, channels=self.channels()
        )

    def _not_in_the_future(self, name: str) -> date:
        day: date = self.cleaned_data[name]
        if day > clock.today():
            raise ValidationError(_("Datumet har inte varit än. Skriv ett datum som har varit."))
        return day

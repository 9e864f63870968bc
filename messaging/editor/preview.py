"""How a text will look where it is read, before anybody has approved it."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from messaging.notices import texts
from messaging.notices.texts import Written
from messaging.wording import phrases, sms_length, variables
from messaging.wording.kinds import Medium
from messaging.wording.models import Text
from messaging.wording.sms_length import SmsLength
from staff.models import Municipality, User
from web import clock, dates

REMINDED_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class Preview:
    written: Written
    # What is counted, and what costs: for an SMS alone.
    length: SmsLength | None = None
    costly: tuple[str, ...] = ()
    has_cheaper: bool = False

    @property
    def too_long(self) -> str:
        """How much, when nothing would be won by other characters."""
        return self.length.advice() if self.length and not self.has_cheaper else ""


def of(text: Text, *, by: User) -> Preview:
    written = texts.render(text, Municipality.load(), **_example(text, by))
    if text.medium != Medium.SMS:
        return Preview(written)
    costly = tuple(sms_length.advice(one) for one in sms_length.costly(written.text))
    has_cheaper = bool(costly) and sms_length.cheaper(text.body) != text.body
    return Preview(written, sms_length.count(written.text), costly, has_cheaper)


def _example(text: Text, by: User) -> dict[str, str]:
    """To somebody who has chosen both SMS and e-mail, from whoever is looking."""
    told = phrases.fill(text.language, sms=True, email=True, has_good_man=False)
    return told | {
        variables.DATE: dates.in_words(clock.today() - REMINDED_AFTER),
        variables.GIVEN_NAME: _("Förnamn"),
        variables.SENDER_NAME: by.get_full_name(),
        variables.SENDER_ROLE: by.role_in_words(),
        variables.SENDER_PHONE: by.phone or "070-174 06 05",
    }

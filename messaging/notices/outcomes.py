"""Every code of a provider: what happened, what to do, and who does it.

A code that is not here is read by its state. Sources: Twilio's error dictionary, 46elks' delivery
reports, the SMTP replies of RFC 5321, and Anymail's normalised events and reject reasons.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.translation import gettext_lazy as _

from messaging.notices.models import Channel, Notice
from messaging.notices.states import NoticeState
from persons import mobile_number


class Remedy(Enum):
    """What to do, and with that who does it."""

    CORRECT = "the contact asks the person for the right number or address"
    TRY_AGAIN = "we do, once, the next morning; after that as ASK"
    ASK = "the contact asks or tells the person in another way"
    REPAIR = "an administrator does; the case worker does nothing"
    NOTHING = "nobody: it is no failure"


@dataclass(frozen=True)
class Outcome:
    what: Any
    advice: Any
    remedy: Remedy
    # The contact's next step, when it is theirs.
    step: Any = ""

    @property
    def is_failure(self) -> bool:
        return self.remedy is not Remedy.NOTHING


WRONG_NUMBER = Outcome(
    _("Sms nådde inte fram"),
    _("Numret fungerar inte. Fråga personen efter rätt nummer."),
    Remedy.CORRECT,
    _("Rätta mobilnumret"),
)
PHONE_OFF = Outcome(
    _("Telefonen tog inte emot sms:et"),
    _("Den kan vara avstängd eller sakna täckning."),
    Remedy.TRY_AGAIN,
    _("Fråga om mobilnumret stämmer"),
)
SMS_STOPPED = Outcome(
    _("Operatören stoppade sms:et"),
    _("Berätta för personen på ett annat sätt att det finns ett meddelande."),
    Remedy.ASK,
    _("Berätta om meddelandet på ett annat sätt"),
)
SMS_UNWANTED = Outcome(
    _("Mottagaren vill inte ha sms"),
    _("Personen har svarat stopp till operatören. Det är inget fel."),
    Remedy.NOTHING,
)
SMS_UNSURE = Outcome(
    _("Vi vet inte om sms:et kom fram"),
    _("Operatören har inte svarat. Fråga personen om det kom."),
    Remedy.ASK,
    _("Fråga om sms:et kom fram"),
)
# The same text to one number, and none of them another notice's: somebody else may have the number.
SMS_SEVERAL = Outcome(
    _("Operatören har flera likadana sms till numret"),
    _(
        "Det går inte att se vilket som är personens. Fråga om sms:et kom en gång, flera gånger "
        "eller inte alls, och om någon annan har samma nummer."
    ),
    Remedy.ASK,
    _("Fråga om sms:et kom och vem som har numret"),
)
SMS_ABROAD = Outcome(
    _("Sms utan leveransbesked"),
    _("Utländskt nummer. Operatören berättar inte om sms:et kom fram."),
    Remedy.NOTHING,
)
SMS_TECHNICAL = Outcome(
    _("Sms: tekniskt fel hos oss"),
    _("Inget är skickat. Systemförvaltaren ser felet. Du behöver inte göra något."),
    Remedy.REPAIR,
)
SMS_NOT_NEEDED = Outcome(
    _("Sms behövdes inte"),
    _("Personen hade redan läst meddelandet."),
    Remedy.NOTHING,
)
NO_SUCH_ADDRESS = Outcome(
    _("E-postadressen finns inte"),
    _("Fråga personen efter rätt adress."),
    Remedy.CORRECT,
    _("Rätta e-postadressen"),
)
INBOX_CLOSED = Outcome(
    _("Mejl: inkorgen tar inte emot just nu"),
    _("Den kan vara full."),
    Remedy.TRY_AGAIN,
    _("Fråga om e-postadressen stämmer"),
)
EMAIL_STOPPED = Outcome(
    _("Mejlservern stoppade mejlet"),
    _("Berätta för personen på ett annat sätt att det finns ett meddelande."),
    Remedy.ASK,
    _("Berätta om meddelandet på ett annat sätt"),
)
EMAIL_UNWANTED = Outcome(
    _("Mottagaren vill inte ha mejl"),
    _("Personen har sagt nej till mejl från oss. Det är inget fel."),
    Remedy.NOTHING,
)
EMAIL_UNSURE = Outcome(
    _("Vi vet inte om mejlet kom fram"),
    _("Fråga personen om det kom."),
    Remedy.ASK,
    _("Fråga om mejlet kom fram"),
)
# Very few providers of e-mail tell: what is normal is no failure.
EMAIL_WITHOUT_REPORT = Outcome(
    _("Mejl utan leveransbesked"),
    _("Mejlet är skickat. Mejlservern berättar inte om det kom fram."),
    Remedy.NOTHING,
)
EMAIL_TECHNICAL = Outcome(
    _("Mejl: tekniskt fel hos oss"),
    _("Inget är skickat. Systemförvaltaren ser felet. Du behöver inte göra något."),
    Remedy.REPAIR,
)

EMAIL_NOT_NEEDED = Outcome(
    _("Mejl behövdes inte"),
    _("Personen hade redan läst meddelandet."),
    Remedy.NOTHING,
)

CODES: dict[Channel, dict[str, Outcome]] = {
    Channel.SMS: {
        # Twilio, refused at once
        "20003": SMS_TECHNICAL,  # our credentials
        "21211": WRONG_NUMBER,  # not a telephone number
        "21214": WRONG_NUMBER,  # cannot be reached
        "21217": WRONG_NUMBER,  # does not appear to be valid
        "21408": SMS_TECHNICAL,  # the account may not send to that country
        "21606": SMS_TECHNICAL,  # the sender may not send SMS
        "21610": SMS_UNWANTED,  # has answered STOP
        "21614": WRONG_NUMBER,  # not a mobile number
        "21635": WRONG_NUMBER,  # a landline
        "21659": SMS_TECHNICAL,  # the sender is not ours
        # Twilio, reported afterwards
        "30001": PHONE_OFF,  # queue overflow
        "30002": SMS_TECHNICAL,  # our account is suspended
        "30003": PHONE_OFF,  # the telephone cannot be reached
        "30004": SMS_STOPPED,  # blocked by the receiver or the operator
        "30005": WRONG_NUMBER,  # nobody has the number
        "30006": WRONG_NUMBER,  # a landline, or an operator that cannot be reached
        "30007": SMS_STOPPED,  # the operator's filter
        "30008": PHONE_OFF,  # unknown
        "30036": PHONE_OFF,  # expired: our hours were over before the telephone was on
        # 46elks says this and no more
        "failed": PHONE_OFF,
        # Ours: whether it left
        "cannot_ask": SMS_UNSURE,
        "no_answer": SMS_UNSURE,
        "several": SMS_SEVERAL,
    },
    Channel.EMAIL: {
        # SMTP
        "550": NO_SUCH_ADDRESS,
        "551": NO_SUCH_ADDRESS,
        "552": INBOX_CLOSED,
        "553": NO_SUCH_ADDRESS,
        "554": EMAIL_STOPPED,
        # Anymail's reject reasons
        "invalid": NO_SUCH_ADDRESS,
        "bounced": NO_SUCH_ADDRESS,
        "timed_out": INBOX_CLOSED,
        "blocked": EMAIL_STOPPED,
        "spam": EMAIL_STOPPED,
        "unsubscribed": EMAIL_UNWANTED,
        "other": EMAIL_STOPPED,
        # Anymail's events without a reason
        "rejected": EMAIL_STOPPED,
        "failed": EMAIL_TECHNICAL,
        "complained": EMAIL_UNWANTED,
        # Ours: whether it left
        "cannot_ask": EMAIL_UNSURE,
        "no_answer": EMAIL_UNSURE,
    },
}

_BY_STATE: dict[Channel, dict[NoticeState, Outcome]] = {
    Channel.SMS: {
        NoticeState.UNDELIVERED: SMS_STOPPED,
        NoticeState.FAILED: SMS_STOPPED,
        NoticeState.SUPPRESSED: SMS_UNWANTED,
        NoticeState.NO_REPORT: SMS_UNSURE,
        NoticeState.NEEDS_HUMAN: SMS_TECHNICAL,
    },
    Channel.EMAIL: {
        NoticeState.UNDELIVERED: EMAIL_STOPPED,
        NoticeState.FAILED: EMAIL_STOPPED,
        NoticeState.SUPPRESSED: EMAIL_UNWANTED,
        NoticeState.NO_REPORT: EMAIL_WITHOUT_REPORT,
        NoticeState.NEEDS_HUMAN: EMAIL_TECHNICAL,
    },
}


# What else was stopped tells of itself: somebody switched off, or closed.
_CANCELLED: dict[Channel, dict[str, Outcome]] = {
    Channel.SMS: {"read": SMS_NOT_NEEDED},
    Channel.EMAIL: {"read": EMAIL_NOT_NEEDED},
}


def of(notice: Notice) -> Outcome | None:
    """None: it has arrived, it is still on its way, or it was to be stopped."""
    channel, state = Channel(notice.channel), NoticeState(notice.state)
    if state == NoticeState.CANCELLED:
        return _CANCELLED[channel].get(notice.last_code)
    by_state = _BY_STATE[channel].get(state)
    if by_state is None:
        return None
    if state == NoticeState.NO_REPORT and channel == Channel.SMS:
        return SMS_ABROAD if mobile_number.is_foreign(notice.address) else SMS_UNSURE
    return CODES[channel].get(notice.last_code, by_state)

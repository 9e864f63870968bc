"""What people will see, from values that may not have been saved."""

from dataclasses import dataclass
from typing import Any

from messaging.notices import texts
from messaging.notices.models import Channel
from messaging.notices.texts import Written
from messaging.sheet import document, published
from messaging.wording import sms_length
from messaging.wording.kinds import Kind
from messaging.wording.sms_length import SmsLength
from staff.models import Municipality


@dataclass(frozen=True)
class SmsPreview:
    written: Written
    length: SmsLength


def of(municipality: Municipality) -> dict[str, Any]:
    return {
        "sms": [_sms(Kind.WELCOME, municipality)],
        "emails": [texts.write(Kind.WELCOME, Channel.EMAIL, municipality)],
        "sheet": document.fragment(published.find(), municipality=municipality),
    }


def _sms(kind: Kind, municipality: Municipality) -> SmsPreview:
    written = texts.write(kind, Channel.SMS, municipality)
    return SmsPreview(written, sms_length.count(written.text))

"""What people will see, from values that may not have been saved."""

from dataclasses import dataclass
from typing import Any

from messaging.notices import sms_length, texts
from messaging.notices.models import Channel, Kind
from messaging.notices.sms_length import SmsLength
from messaging.notices.texts import Written
from messaging.sheet import document
from messaging.sheet.models import Language
from staff.models import Municipality


@dataclass(frozen=True)
class SmsPreview:
    written: Written
    length: SmsLength


def of(municipality: Municipality) -> dict[str, Any]:
    return {
        "sms": [_sms(kind, municipality) for kind in Kind],
        "emails": [texts.write(kind, Channel.EMAIL, municipality) for kind in Kind],
        "sheet": document.fragment(Language.SWEDISH, municipality=municipality),
    }


def _sms(kind: Kind, municipality: Municipality) -> SmsPreview:
    written = texts.write(kind, Channel.SMS, municipality)
    return SmsPreview(written, sms_length.count(written.text))

"""Outbound SMS. `settings.SMS_GATEWAY` names the class that sends, as for e-mail."""

from django.conf import settings
from django.utils.module_loading import import_string

from messaging.notices.sms.base import SmsGateway


def gateway() -> SmsGateway:
    chosen: SmsGateway = import_string(settings.SMS_GATEWAY)()
    return chosen


def named(name: str) -> SmsGateway | None:
    """The gateway that calls itself so, if it is in use."""
    chosen = gateway()
    return chosen if chosen.name == name else None

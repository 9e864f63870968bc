"""Outbound SMS. Settings name the classes that send, as for e-mail: the first, and a reserve."""

from django.conf import settings
from django.utils.module_loading import import_string

from messaging.notices.sms.base import SmsGateway


def names() -> list[str]:
    """In the order that they are tried."""
    return [gateway.name for gateway in _in_use()]


def named(name: str) -> SmsGateway | None:
    """The gateway that calls itself so, if it is in use."""
    return next((gateway() for gateway in _in_use() if gateway.name == name), None)


def _in_use() -> list[type[SmsGateway]]:
    paths = [settings.SMS_GATEWAY, settings.SMS_GATEWAY_RESERVE]
    return [import_string(path) for path in paths if path]

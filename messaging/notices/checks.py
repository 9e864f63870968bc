"""A forgotten setting must not mean that nothing is sent and nobody knows."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

SENDS_NOTHING = ("console", "locmem", "outbox", "dummy", "filebased")


@register(deploy=True)
def gateways_send(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [
        Error(f"{name} = {path} sends nothing", id=f"notices.E00{number}")
        for number, (name, path) in enumerate(
            {"SMS_GATEWAY": settings.SMS_GATEWAY, "EMAIL_BACKEND": settings.EMAIL_BACKEND}.items(),
            start=1,
        )
        if path.split(".")[-2] in SENDS_NOTHING
    ]

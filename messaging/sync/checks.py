"""A gateway that is not set up must not be found out about at 03:30."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register(deploy=True)
def gateway_is_set_up(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    kind = settings.SYNC_GATEWAY.split(".")[-2]
    missing = {"http": _http, "file": _file}.get(kind, list)()
    return [Error(f"{settings.SYNC_GATEWAY}: {text}", id="sync.E001") for text in missing]


def _http() -> list[str]:
    wrong = []
    if not settings.SYNC_HTTP_URL.startswith("https://"):
        wrong.append("SYNC_HTTP_URL must begin with https://")
    if not (settings.SYNC_HTTP_TOKEN or settings.SYNC_HTTP_CERT):
        wrong.append("give SYNC_HTTP_TOKEN or SYNC_HTTP_CERT")
    if bool(settings.SYNC_HTTP_CERT) != bool(settings.SYNC_HTTP_KEY):
        wrong.append("SYNC_HTTP_CERT and SYNC_HTTP_KEY belong together")
    return wrong


def _file() -> list[str]:
    return [] if settings.SYNC_FOLDER else ["give SYNC_FOLDER"]

"""A misspelt policy must neither dispose of people nor keep them by accident."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from onboarding.retention.models import Policy


@register()
def policy_is_known(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.RETENTION_POLICY in Policy.values:
        return []
    known = " or ".join(Policy.values)
    told = f"RETENTION_POLICY = {settings.RETENTION_POLICY} is not known: write {known}"
    return [Error(told, id="retention.E001")]

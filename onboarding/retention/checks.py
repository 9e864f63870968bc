"""A misspelt policy must neither dispose of people nor keep them by accident, nor free a reader."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from onboarding.retention.models import Policy
from persons import anchors


@register()
def policy_is_known(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.RETENTION_POLICY in Policy.values:
        return []
    known = " or ".join(Policy.values)
    told = f"RETENTION_POLICY = {settings.RETENTION_POLICY} is not known: write {known}"
    return [Error(told, id="retention.E001")]


@register()
def log_is_kept_long_enough(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    years = settings.ACCESS_LOG_YEARS
    if years == 0 or years >= anchors.LEAST_YEARS:
        return []
    told = f"ACCESS_LOG_YEARS = {years} is too short: write {anchors.LEAST_YEARS} or more, or 0"
    return [Error(told, id="retention.E002")]

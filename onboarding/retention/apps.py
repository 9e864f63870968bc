from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RetentionConfig(AppConfig):
    name = "onboarding.retention"
    verbose_name = _("Gallring")

    def ready(self) -> None:
        from onboarding.retention import checks  # noqa: F401  (registers itself)

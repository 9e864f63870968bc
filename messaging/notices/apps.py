from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "messaging.notices"
    verbose_name = _("Sms och mejl")

    def ready(self) -> None:
        from messaging.notices import checks  # noqa: F401  # registers itself

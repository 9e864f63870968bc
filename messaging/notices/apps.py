from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "messaging.notices"
    verbose_name = _("Sms och mejl")

    def ready(self) -> None:
        from messaging.notices import checks, email_events  # noqa: F401  # register themselves

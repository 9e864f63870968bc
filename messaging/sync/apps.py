from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SyncConfig(AppConfig):
    name = "messaging.sync"
    verbose_name = _("Synkning")

    def ready(self) -> None:
        from messaging.sync import checks  # noqa: F401  # registers itself

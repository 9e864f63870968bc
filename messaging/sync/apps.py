from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SyncConfig(AppConfig):
    name = "messaging.sync"
    verbose_name = _("Synkning")

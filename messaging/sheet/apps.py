from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SheetConfig(AppConfig):
    name = "messaging.sheet"
    verbose_name = _("Informationsblad")

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WordingConfig(AppConfig):
    name = "messaging.wording"
    verbose_name = _("Texter")

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InboxConfig(AppConfig):
    name = "messaging.inbox"
    verbose_name = _("Meddelanden i e-tjänsten")

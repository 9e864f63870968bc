from django.db import models
from django.utils.translation import gettext_lazy as _

from persons.models.insert_only import InsertOnlyModel
from staff.models import User
from web import clock


class SettingsChange(InsertOnlyModel):
    """Who changed what of the municipality's settings, from what and to what."""

    at = models.DateTimeField(_("när"), default=clock.now)
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("av"), related_name="+")
    changes = models.JSONField(_("ändringar"))  # {"field": [old, new]}

    class Meta(InsertOnlyModel.Meta):
        abstract = False
        verbose_name = _("ändrad inställning")
        verbose_name_plural = _("ändrade inställningar")

    def __str__(self) -> str:
        return f"SettingsChange {self.pk}"

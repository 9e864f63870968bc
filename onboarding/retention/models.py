from django.db import models
from django.utils.translation import gettext_lazy as _

from persons.models.insert_only import InsertOnlyModel
from staff.models import User
from web import clock


class Policy(models.TextChoices):
    KEEP_ALL = "KEEP_ALL", _("Allt bevaras")
    FIVE_YEARS = "FIVE_YEARS_EXCEPT_5_15_25", _("Fem år, utom födda den 5, 15 och 25")


class Disposal(InsertOnlyModel):
    """One batch of people who are gone. Their numbers, and no more, are in the access log."""

    run = models.UUIDField(_("körning"))
    at = models.DateTimeField(_("när"), default=clock.now)
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("av"), related_name="+")
    policy = models.CharField(_("regel"), max_length=40, choices=Policy)
    persons = models.PositiveIntegerField(_("personer"))
    rows = models.JSONField(_("rader"))  # {"persons.Case": 3}

    class Meta(InsertOnlyModel.Meta):
        abstract = False
        verbose_name = _("gallring")
        verbose_name_plural = _("gallringar")

    def __str__(self) -> str:
        return f"Disposal {self.pk}"

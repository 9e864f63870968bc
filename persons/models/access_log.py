from django.db import models
from django.utils.translation import gettext_lazy as _

from persons.models.insert_only import InsertOnlyModel
from persons.models.person import Person
from staff.models import Unit, User
from web import clock


class AccessLogEntry(InsertOnlyModel):
    """Who saw or did what, about whom, in which role and unit, and when. SoLPuL 10 §."""

    class Action(models.TextChoices):
        LIST = "list", _("Visade lista")
        VIEW = "view", _("Öppnade")
        UNMASK = "unmask", _("Visade personnummer")
        UPDATE = "update", _("Ändrade")
        SEND = "send", _("Skickade")

    at = models.DateTimeField(default=clock.now)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=20, choices=Action)
    # One person, or in a list the ids of all that were shown: one row for one look.
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="access_log")
    listed = models.JSONField(default=list)
    view = models.CharField(max_length=60)
    reason = models.CharField(max_length=200, blank=True)
    source_ip = models.GenericIPAddressField(null=True)

    class Meta(InsertOnlyModel.Meta):
        abstract = False
        verbose_name = _("rad i åtkomstloggen")
        verbose_name_plural = _("åtkomstloggen")
        indexes = [models.Index(fields=["person", "-at"], name="who_read_about_person")]

    def __str__(self) -> str:
        return f"AccessLogEntry {self.pk}"

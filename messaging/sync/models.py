from django.db import models
from django.utils.translation import gettext_lazy as _

from staff.models import User


class BeatTick(models.Model):
    """When beat last reached a worker: one row, in real time."""

    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"BeatTick {self.pk}"


class SyncRun(models.Model):
    """The nightly run of one local date: ledger, lock and dead-man's switch in one row."""

    class State(models.TextChoices):
        RUNNING = "running", _("Pågår")
        DONE = "done", _("Klar")
        PARTIAL = "partial", _("Delvis klar")
        FAILED = "failed", _("Gick inte igenom")

    local_date = models.DateField(_("natt"), unique=True)
    state = models.CharField(_("läge"), max_length=10, choices=State, default=State.FAILED)
    started_at = models.DateTimeField(_("startade"), null=True, blank=True)
    finished_at = models.DateTimeField(_("klar"), null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    usable_from = models.DateField(_("kan användas från"), null=True, blank=True)
    done_count = models.PositiveIntegerField(_("gick igenom"), default=0)
    refused_count = models.PositiveIntegerField(_("gick inte igenom"), default=0)
    error = models.CharField(_("fel"), max_length=100, blank=True)
    started_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("startad av"), null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("synkning")
        verbose_name_plural = _("synkningar")

    def __str__(self) -> str:
        return f"SyncRun {self.local_date}"

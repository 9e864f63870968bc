import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from staff.models import User
from web import clock


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def unfinished(self) -> Self:
        return self.exclude(state__in=[ImportRun.State.APPLIED, ImportRun.State.DISCARDED])

    def waiting_for_a_worker(self, *, at: datetime) -> Self:
        """Queued, or left by a worker that has not answered for as long as its lease."""
        return self.filter(state__in=ImportRun.AT_WORK).filter(
            Q(lease_until=None) | Q(lease_until__lt=at)
        )


class ImportRun(models.Model):
    """One file of persons and cases: who sent it, how far it has come, and what came of it.

    It knows the rows of the file by their numbers alone.
    """

    class State(models.TextChoices):
        READING = "reading", _("Filen tas emot")
        CHECKING = "checking", _("Kontrolleras")
        CHECKED = "checked", _("Kontrollerad")
        APPLYING = "applying", _("Läses in")
        APPLIED = "applied", _("Klar")
        DISCARDED = "discarded", _("Kastad")

    AT_WORK = (State.CHECKING, State.APPLYING)
    COUNTED = (
        "new_count", "changed_count", "unchanged_count", "error_count", "marked_count", "errors",
    )  # fmt: skip

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(_("läge"), max_length=10, choices=State, default=State.READING)
    created_at = models.DateTimeField(_("skickades"), default=clock.now)
    created_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("skickades av"), related_name="+"
    )
    applied_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("lästes in av"), null=True, related_name="+"
    )
    finished_at = models.DateTimeField(_("klar"), null=True)
    # Until when a worker has it. None: it waits for one.
    lease_until = models.DateTimeField(null=True)
    digest = models.CharField(_("filens kontrollsumma"), max_length=64)
    row_count = models.PositiveIntegerField(_("rader"), default=0)
    new_count = models.PositiveIntegerField(_("nya ärenden"), default=0)
    changed_count = models.PositiveIntegerField(_("ändrade rader"), default=0)
    unchanged_count = models.PositiveIntegerField(_("oförändrade rader"), default=0)
    error_count = models.PositiveIntegerField(_("rader med fel"), default=0)
    marked_count = models.PositiveIntegerField(_("nya skyddsmarkeringar"), default=0)
    # The first ones: [row, column, text], and never what stood there.
    errors = models.JSONField(_("fel"), default=list)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("importer")
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="applying"), name="one_import_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["applying", "applied"]) | Q(applied_by__isnull=False),
                name="import_is_applied_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"ImportRun {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("import_run", args=[self.public_id])

    @property
    def is_interrupted(self) -> bool:
        """A worker had it, and has not been heard from since."""
        return (
            self.state in self.AT_WORK
            and self.lease_until is not None
            and self.lease_until < clock.machine_now()
        )

    def begin_counting(self) -> None:
        self.new_count = self.changed_count = self.unchanged_count = 0
        self.error_count = self.marked_count = 0
        self.errors = []

    @property
    def done_count(self) -> int:
        return self.new_count + self.changed_count + self.unchanged_count + self.error_count


class ImportRow(models.Model):
    """A row that has been read and not applied: kept for a day at most."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    identity_number = models.CharField(max_length=12, blank=True)
    case_number = models.CharField(max_length=30, blank=True)
    protection = models.CharField(max_length=30)
    # Only what stands in the file: an empty cell says nothing.
    person = models.JSONField(default=dict)
    person_digest = models.CharField(max_length=64)
    case = models.JSONField(default=dict)
    errors = models.JSONField(default=list)  # [column, text]
    has_errors = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["run", "has_errors", "identity_number"], name="rows_of_import"),
            models.Index(fields=["run", "case_number"], name="case_numbers_of_import"),
        ]

    def __str__(self) -> str:
        return f"ImportRow {self.pk}"

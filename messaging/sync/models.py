from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from staff.models import User
from web import clock


class BeatTick(models.Model):
    """When beat last reached a worker: one row, in real time."""

    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"BeatTick {self.pk}"


class SyncRunQuerySet(models.QuerySet["SyncRun"]):
    def came_through(self) -> Self:
        """Those that took all that they could."""
        return self.exclude(state__in=[SyncRun.State.FAILED, SyncRun.State.STOPPED])


class SyncRun(models.Model):
    """The nightly run of one local date: ledger, lock and dead-man's switch in one row."""

    class State(models.TextChoices):
        RUNNING = "running", _("Pågår")
        DONE = "done", _("Klar")
        PARTIAL = "partial", _("Delvis klar")
        FAILED = "failed", _("Gick inte igenom")
        STOPPED = "stopped", _("Väntar på beslut")

    local_date = models.DateField(_("natt"), unique=True)
    state = models.CharField(_("läge"), max_length=10, choices=State, default=State.FAILED)
    started_at = models.DateTimeField(_("startade"), null=True, blank=True)
    finished_at = models.DateTimeField(_("klar"), null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    usable_from = models.DateField(_("kan användas från"), null=True, blank=True)
    done_count = models.PositiveIntegerField(_("gick igenom"), default=0)
    refused_count = models.PositiveIntegerField(_("gick inte igenom"), default=0)
    set_aside_count = models.PositiveIntegerField(_("undanlagda"), default=0)
    # Handed over, or out of time: taken by the next turn.
    left_count = models.PositiveIntegerField(_("kvar"), default=0)
    error = models.CharField(_("fel"), max_length=100, blank=True)
    started_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("startad av"), null=True, blank=True, related_name="+"
    )
    # When administrators were told that it had not come through by the morning.
    alarmed_at = models.DateTimeField(_("larmat"), null=True, blank=True)
    # How many would be closed, when it is so many that a person must say that it is right.
    closing_count = models.PositiveIntegerField(_("skulle stängas"), default=0)
    closings_allowed = models.PositiveIntegerField(_("får stängas"), null=True, blank=True)
    closings_allowed_at = models.DateTimeField(_("beslutat"), null=True, blank=True)
    closings_allowed_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("beslutat av"), null=True, blank=True, related_name="+"
    )

    objects = SyncRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("synkning")
        verbose_name_plural = _("synkningar")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    closings_allowed=None, closings_allowed_at=None, closings_allowed_by=None
                )
                | Q(
                    closings_allowed__isnull=False,
                    closings_allowed_at__isnull=False,
                    closings_allowed_by__isnull=False,
                ),
                name="closings_are_allowed_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"SyncRun {self.local_date}"

    @property
    def total(self) -> int:
        return self.done_count + self.refused_count + self.set_aside_count + self.left_count


class Comparison(models.Model):
    """A weekly comparison of everything with what the other side holds, and how far it has come."""

    started_at = models.DateTimeField(_("startade"))
    finished_at = models.DateTimeField(_("klar"), null=True, blank=True)
    missing = models.PositiveIntegerField(_("saknas där"), default=0)
    extra = models.PositiveIntegerField(_("finns bara där"), default=0)
    different = models.PositiveIntegerField(_("är olika"), default=0)
    # Accounts first, then relations; and the key that has been compared last.
    part = models.PositiveSmallIntegerField(_("del"), default=0)
    after = models.BigIntegerField(_("efter nummer"), default=0)

    class Meta:
        verbose_name = _("jämförelse")
        verbose_name_plural = _("jämförelser")

    def __str__(self) -> str:
        return f"Comparison {self.pk}"

    def turn_page(self, *, found: dict[str, int], end: int | None, is_last: bool) -> bool:
        """Count a page and go on. False when somebody else has: the place is the lock."""
        new: dict[str, Any] = {name: F(name) + count for name, count in found.items()}
        new |= {"part": self.part + 1, "after": 0} if end is None else {"after": end}
        if end is None and is_last:
            new["finished_at"] = clock.now()
        here = Comparison.objects.filter(part=self.part, after=self.after, finished_at=None)
        turned = here.filter(pk=self.pk).update(**new)
        self.refresh_from_db()
        return bool(turned)

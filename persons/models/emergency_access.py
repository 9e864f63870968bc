from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from staff.models import User
from web import clock


class EmergencyAccessQuerySet(models.QuerySet["EmergencyAccess"]):
    def open(self, *, at: datetime) -> Self:
        return self.filter(opened_at__lte=at, open_until__gt=at)

    def unreviewed(self) -> Self:
        return self.filter(reviewed_at=None)


class EmergencyAccess(models.Model):
    """Nödöppning: opened without a part in the case, with a reason, for a time, and reviewed."""

    person = models.ForeignKey("persons.Person", models.PROTECT, related_name="emergency_access")
    user = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("medarbetare"), related_name="emergency_access"
    )
    reason = models.CharField(_("skäl"), max_length=200)
    opened_at = models.DateTimeField(_("öppnade"), default=clock.now)
    open_until = models.DateTimeField(_("öppen till"))
    reviewed_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("granskad av"), null=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(_("granskad"), null=True)
    finding = models.CharField(_("vad granskningen visade"), max_length=500, blank=True)

    objects = EmergencyAccessQuerySet.as_manager()

    class Meta:
        verbose_name = _("nödöppning")
        verbose_name_plural = _("nödöppningar")
        constraints = [
            models.CheckConstraint(
                condition=Q(open_until__gt=F("opened_at")),
                name="emergency_access_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None, reviewed_at=None)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False) & ~Q(finding=""),
                name="emergency_access_review_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("user")),
                name="nobody_reviews_their_own_emergency_access",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "open_until"], name="open_emergency_access"),
            models.Index(
                fields=["person"],
                name="unreviewed_emergency_access",
                condition=Q(reviewed_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"EmergencyAccess {self.pk}"

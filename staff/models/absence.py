from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from staff.models.period import Period, PeriodQuerySet
from staff.models.user import User


class AbsenceQuerySet(PeriodQuerySet):
    def standing(self) -> Self:
        """Those that nobody has ended before their time."""
        return self.filter(ended_at=None)

    def current(self, *, on: date) -> Self:
        return super().current(on=on).filter(ended_at=None)

    def overlapping(self, first: date, last: date) -> Self:
        return self.standing().filter(valid_from__lte=last, valid_until__gte=first)


class Absence(Period):
    """While somebody is away, a colleague has the worklist and the right to do the work."""

    user = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("medarbetare"), related_name="absences"
    )
    substitute = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("ersättare"), related_name="substitutions"
    )
    # None: added by a program.
    registered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # Back before the last day, or never gone. The days that were planned stay.
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = AbsenceQuerySet.as_manager()  # type: ignore[misc]

    class Meta(Period.Meta):
        verbose_name = _("frånvaro")
        verbose_name_plural = _("frånvaro")
        constraints = [
            *Period.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(user=F("substitute")), name="nobody_stands_in_for_themselves"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=False), name="absence_has_an_end"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="absence_is_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Absence {self.pk}"

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class PeriodQuerySet(models.QuerySet[Any]):
    def current(self, *, on: date) -> Self:
        """See also Period.is_current."""
        return self.filter(Q(valid_until=None) | Q(valid_until__gte=on), valid_from__lte=on)


class Period(models.Model):
    """Something that holds from one day to another, both included. It is ended, never deleted."""

    valid_from = models.DateField(_("från och med"))
    valid_until = models.DateField(_("till och med"), null=True, blank=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="%(class)s_ends_after_it_starts",
            )
        ]

    def is_current(self, *, on: date) -> bool:
        """See also PeriodQuerySet.current."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)

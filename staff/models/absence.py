from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from staff.models.period import Period
from staff.models.user import User


class Absence(Period):
    """While somebody is away, a colleague has the worklist and the right to do the work."""

    user = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("medarbetare"), related_name="absences"
    )
    substitute = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("ersättare"), related_name="substitutions"
    )

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
        ]

    def __str__(self) -> str:
        return f"Absence {self.pk}"

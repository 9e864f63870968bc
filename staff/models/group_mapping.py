from collections.abc import Iterable
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from staff.models.user import Role, Unit


class GroupMappingQuerySet(models.QuerySet["GroupMapping"]):
    def of(self, groups: Iterable[str]) -> Self:
        return self.filter(group__in=groups)


class GroupMapping(models.Model):
    """What a group at the municipality's identity provider stands for here."""

    group = models.CharField(
        _("grupp"),
        max_length=200,
        help_text=_("Exakt som kommunens inloggning skriver den, med stora och små bokstäver."),
    )
    role = models.CharField(_("roll"), max_length=20, choices=Role)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name=_("enhet"))

    objects = GroupMappingQuerySet.as_manager()

    class Meta:
        verbose_name = _("grupp som ger roll")
        verbose_name_plural = _("grupper som ger roller")
        constraints = [
            models.UniqueConstraint(fields=["group", "role", "unit"], name="one_mapping_each"),
        ]

    def __str__(self) -> str:
        return self.group

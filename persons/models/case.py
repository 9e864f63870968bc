from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from staff.models import Role, Unit, User


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> Self:
        return self.filter(closed_on=None)

    def assigned_to(self, user: User) -> Self:
        """Open cases that the user works with, in a role that the user has today."""
        mine = Q(pk__in=[])
        if user.has_role(Role.CASE_WORKER):
            mine |= Q(case_worker=user)
        if user.has_role(Role.SUPPORT_CONTACT):
            mine |= Q(support_contact=user)
        return self.open().filter(mine)

    def visible_to(self, user: User) -> Self:
        """One's own cases, and for a unit manager those of the unit."""
        if not user.is_active:
            return self.none()
        own = self.assigned_to(user)
        units = user.managed_units()
        return own | self.open().filter(unit__in=units) if units else own


class Case(models.Model):
    """Ärende. Who works with a person is read from here."""

    person = models.ForeignKey("persons.Person", models.PROTECT, related_name="cases")
    number = models.CharField(_("ärendenummer"), max_length=30, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="cases")
    case_worker = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="cases_as_case_worker"
    )
    support_contact = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="cases_as_support_contact"
    )
    investigation_opened_on = models.DateField(_("utredning inledd"), null=True, blank=True)
    decided_on = models.DateField(_("beslut"), null=True, blank=True)
    executed_on = models.DateField(_("insatsen verkställd"), null=True, blank=True)
    closed_on = models.DateField(_("avslutat"), null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("ärende")
        verbose_name_plural = _("ärenden")
        constraints = [
            models.CheckConstraint(
                condition=Q(executed_on=None)
                | Q(decided_on=None)
                | Q(executed_on__gte=F("decided_on")),
                name="case_is_executed_after_it_is_decided",
            )
        ]
        indexes = [
            models.Index(
                fields=["support_contact", "person"],
                name="open_cases_of_support_contact",
                condition=Q(closed_on=None),
            ),
            models.Index(
                fields=["case_worker", "person"],
                name="open_cases_of_case_worker",
                condition=Q(closed_on=None),
            ),
        ]

    def __str__(self) -> str:
        return f"Case {self.pk}"

    def is_executed(self, *, on: date) -> bool:
        """The measure has started at the support team, so step 1 is the support contact's."""
        return self.executed_on is not None and self.executed_on <= on

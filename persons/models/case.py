from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from persons.models.emergency_access import EmergencyAccess
from persons.models.protection import NamedAccess, Protection
from persons.models.switch import NotAllowed
from staff.models import Role, Unit, User
from web import clock

# In which role each column of a case is somebody's work.
ASSIGNED = {"case_worker": Role.CASE_WORKER, "support_contact": Role.SUPPORT_CONTACT}


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> Self:
        return self.filter(closed_on=None)

    def assigned_to(self, user: User) -> Self:
        """Open cases that are the user's work today, in a role that the user has today."""
        return self.open().filter(_work_of(user))._allowed_to(user)

    def visible_to(self, user: User) -> Self:
        """One's own cases, those of units one manages, and what was opened in an emergency."""
        if not user.is_active:
            return self.none()
        opened = EmergencyAccess.objects.open(at=clock.now()).filter(
            user=user, person=OuterRef("person")
        )
        reached = _work_of(user) | Q(unit__in=user.managed_units()) | Exists(opened)
        return self.open().filter(reached)._allowed_to(user)

    def unprotected(self) -> Self:
        return self.filter(person__protection=Protection.NONE)

    def protected_for(self, user: User) -> Self:
        """Of persons whom a unit manager answers for unnamed: to name and decide. Opens nobody."""
        return self.managed_by(user).exclude(person__protection=Protection.NONE)

    def managed_by(self, user: User) -> Self:
        """Open cases of the units that the user answers for. Opens nobody."""
        return self.open().filter(unit__in=user.managed_units())

    def _allowed_to(self, user: User) -> Self:
        """Whom protected data shields is there only for those who are named. Fails closed."""
        named = NamedAccess.objects.current(on=clock.today()).filter(
            user=user, person=OuterRef("person")
        )
        return self.filter(Q(person__protection=Protection.NONE) | Exists(named))


def _work_of(user: User) -> Q:
    work = Q(pk__in=[])
    for column, role in ASSIGNED.items():
        work |= Q(**{f"{column}__in": user.works_as(role)})
    return work


class Case(models.Model):
    """Ärende. Who works with a person is read from here."""

    person = models.ForeignKey("persons.Person", models.PROTECT, related_name="cases")
    number = models.CharField(_("ärendenummer"), max_length=30, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name=_("enhet"), related_name="cases")
    case_worker = models.ForeignKey(
        User,
        models.PROTECT,
        verbose_name=_("handläggare"),
        null=True,
        blank=True,
        related_name="cases_as_case_worker",
    )
    support_contact = models.ForeignKey(
        User,
        models.PROTECT,
        verbose_name=_("kontaktperson"),
        null=True,
        blank=True,
        related_name="cases_as_support_contact",
    )
    investigation_opened_on = models.DateField(_("utredning inledd"), null=True, blank=True)
    decided_on = models.DateField(_("beslut"), null=True, blank=True)
    executed_on = models.DateField(_("insatsen verkställd"), null=True, blank=True)
    closed_on = models.DateField(_("avslutat"), null=True, blank=True)
    # Counts changes, so that a form that was opened before one of them can be stopped.
    version = models.PositiveIntegerField(default=0)

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

    def change(self, *, seen_version: int, **facts: Any) -> None:
        """Change an open case that is still as it was seen. Raises NotAllowed."""
        # The filter on the version is the lock: of two simultaneous changes, one updates no row.
        untouched = Case.objects.open().filter(pk=self.pk, version=seen_version)
        if not untouched.update(version=seen_version + 1, **facts):
            raise NotAllowed(f"{self} was changed by someone else")
        self.refresh_from_db()

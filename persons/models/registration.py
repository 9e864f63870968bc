import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from persons.models.case import Case
from persons.models.person import ContactDetails
from persons.models.protection import Protection
from staff.models import Unit, User
from web import clock


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def waiting(self) -> Self:
        return self.filter(answered_at=None)

    def to_answer(self, user: User) -> Self:
        return self.waiting().filter(unit__in=user.managed_units())


class Registration(ContactDetails):
    """Somebody asks to work with a person, and the unit's manager answers.

    Nobody gives themselves the right to see a person, so that nobody can find out who is known
    by asking. What was typed is kept until the answer, and no longer.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    identity_number = models.CharField(_("Personnummer"), max_length=12)
    given_name = models.CharField(_("Förnamn"), max_length=100)
    family_name = models.CharField(_("Efternamn"), max_length=100)
    language = models.CharField(_("Språk"), max_length=10, default="sv")
    interpreter = models.CharField(_("Tolk"), max_length=50, blank=True)
    protection = models.CharField(max_length=30, choices=Protection, default=Protection.UNKNOWN)

    number = models.CharField(_("Ärendenummer"), max_length=30)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    case_worker = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    support_contact = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+"
    )
    investigation_opened_on = models.DateField(null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    executed_on = models.DateField(null=True, blank=True)

    asked_by = models.ForeignKey(User, models.PROTECT, related_name="registrations")
    asked_at = models.DateTimeField(default=clock.now)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    # Of a yes, what came of it; of a no, why.
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")
    refusal = models.CharField(_("skäl"), max_length=200, blank=True)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("registrering")
        verbose_name_plural = _("registreringar")
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_by=None, answered_at=None, case=None, refusal="")
                | Q(answered_by__isnull=False, answered_at__isnull=False)
                & (Q(case=None) ^ Q(refusal="")),
                name="registration_is_answered_by_yes_or_no",
            )
        ]
        indexes = [
            models.Index(
                fields=["unit", "asked_at"],
                name="registrations_to_answer",
                condition=Q(answered_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"Registration {self.pk}"

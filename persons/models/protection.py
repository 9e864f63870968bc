from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staff.models import Period, User
from staff.models.period import PeriodQuerySet
from web import clock


class Protection(models.TextChoices):
    NONE = "none", _("Inga skyddade personuppgifter")
    CONFIDENTIALITY_MARKING = "confidentiality_marking", _("Sekretessmarkering")
    PROTECTED_REGISTRATION = "protected_registration", _("Skyddad folkbokföring")
    # A failed or unrecognised look-up counts as protected.
    UNKNOWN = "unknown", _("Okänt, behandlas som skyddade personuppgifter")

    @classmethod
    def recognised(cls, word: str) -> "Protection":
        """What another system calls it. Fails closed: a word that nobody knows is UNKNOWN."""
        return _OTHERS_WORDS.get(word.strip().casefold(), cls.UNKNOWN)


# Ours, those of HL7 Sweden, and the codes of Navet.
_OTHERS_WORDS = {protection.value: protection for protection in Protection} | {
    "nej": Protection.NONE,
    "sekretessmarkering": Protection.CONFIDENTIALITY_MARKING,
    "01003": Protection.CONFIDENTIALITY_MARKING,
    "skyddad folkbokföring": Protection.PROTECTED_REGISTRATION,
    "skyddadfolkbokforing": Protection.PROTECTED_REGISTRATION,
    "01020": Protection.PROTECTED_REGISTRATION,
}


class MarkingSource(models.TextChoices):
    """Where a marking came from."""

    HAND = "hand", _("För hand")
    IMPORT = "import", _("Import")
    SYNC = "sync", _("Synkning")


class NamedAccessQuerySet(PeriodQuerySet):
    def current(self, *, on: date) -> Self:
        return super().current(on=on).filter(ended_at=None)


class NamedAccess(Period):
    """Who, by name, may see a person with protected data. Nobody else does: domain rule R5.

    Ended by hand it bites at once: a day in `valid_until` would let today pass.
    """

    person = models.ForeignKey("persons.Person", models.PROTECT, related_name="named_access")
    user = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("medarbetare"), related_name="named_access"
    )
    reason = models.CharField(_("skäl"), max_length=200)
    granted_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("namngiven av"), related_name="+"
    )
    granted_at = models.DateTimeField(_("namngiven"), default=clock.now)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = NamedAccessQuerySet.as_manager()  # type: ignore[misc]  # narrower than the base

    class Meta(Period.Meta):
        verbose_name = _("namngiven för en skyddad person")
        verbose_name_plural = _("namngivna för skyddade personer")
        constraints = [
            *Period.Meta.constraints,
            models.UniqueConstraint(
                fields=["person", "user"],
                condition=Q(valid_until=None, ended_at=None),
                name="one_standing_named_access",
            ),
        ]
        indexes = [models.Index(fields=["user", "person"], name="whom_a_user_is_named_for")]

    def __str__(self) -> str:
        return f"NamedAccess {self.pk}"


class ProtectionDecisionQuerySet(models.QuerySet["ProtectionDecision"]):
    def standing(self) -> Self:
        return self.filter(ended_at=None)

    def allowing(self, *, on: date) -> Self:
        """See also ProtectionDecision.allows."""
        return self.standing().filter(allows_e_service=True, valid_from__lte=on)


class ProtectionDecision(models.Model):
    """The unit manager's word on whether the e-service may be on, without SMS and e-mail."""

    person = models.ForeignKey(
        "persons.Person", models.PROTECT, related_name="protection_decisions"
    )
    allows_e_service = models.BooleanField()
    valid_from = models.DateField()
    reason = models.CharField(_("skäl"), max_length=200)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=clock.now)
    # Undone, replaced by another decision, or made idle by a new marking or by none.
    ended_at = models.DateTimeField(null=True)

    objects = ProtectionDecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(ended_at=None),
                name="one_standing_protection_decision",
            )
        ]

    def __str__(self) -> str:
        return f"ProtectionDecision {self.pk}"

    def allows(self, *, on: date) -> bool:
        """See also ProtectionDecisionQuerySet.allowing."""
        return self.ended_at is None and self.allows_e_service and self.valid_from <= on


class DecisionRequest(models.Model):
    """Somebody who works with the person asks the unit manager for a decision."""

    person = models.ForeignKey("persons.Person", models.PROTECT, related_name="decision_requests")
    reason = models.CharField(_("skäl"), max_length=200)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(answered_at=None),
                name="one_waiting_decision_request",
            )
        ]

    def __str__(self) -> str:
        return f"DecisionRequest {self.pk}"

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staff.models import Period, User
from web import clock


class Protection(models.TextChoices):
    NONE = "none", _("Inga skyddade personuppgifter")
    CONFIDENTIALITY_MARKING = "confidentiality_marking", _("Sekretessmarkering")
    PROTECTED_REGISTRATION = "protected_registration", _("Skyddad folkbokföring")
    # A failed or unrecognised look-up counts as protected.
    UNKNOWN = "unknown", _("Okänt, behandlas som skyddade personuppgifter")


class NamedAccess(Period):
    """Who, by name, may see a person with protected data. Nobody else does: domain rule R5."""

    person = models.ForeignKey("persons.Person", models.PROTECT, related_name="named_access")
    user = models.ForeignKey(User, models.PROTECT, related_name="named_access")
    reason = models.CharField(_("skäl"), max_length=200)
    granted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(default=clock.now)

    class Meta(Period.Meta):
        constraints = [
            *Period.Meta.constraints,
            models.UniqueConstraint(
                fields=["person", "user"],
                condition=Q(valid_until=None),
                name="one_standing_named_access",
            ),
        ]
        indexes = [models.Index(fields=["user", "person"], name="whom_a_user_is_named_for")]

    def __str__(self) -> str:
        return f"NamedAccess {self.pk}"

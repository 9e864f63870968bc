from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from persons.models.person import Person
from persons.models.switch import Switch
from staff.models import User


class Wish(models.TextChoices):
    NOT_ASKED = "", _("Inte frågad")
    YES = "yes", _("Ja")
    NO = "no", _("Nej, inte nu")
    NO_EID = "no_eid", _("Personen saknar e-legitimation")


class EServiceAccount(Switch):
    """A person's own use of the e-service: the three flags of the personbild, and the wish."""

    person = models.OneToOneField(Person, models.PROTECT, related_name="account")
    wish = models.CharField(max_length=10, choices=Wish, blank=True, default=Wish.NOT_ASKED)
    wish_on = models.DateField(null=True, blank=True)
    ask_again_on = models.DateField(null=True, blank=True)
    switched_on_by = models.ForeignKey(
        User,
        models.PROTECT,
        verbose_name=_("påkopplad av"),
        null=True,
        blank=True,
        related_name="+",
    )
    switched_on_at = models.DateTimeField(_("påkopplad"), null=True, blank=True)
    first_signed_in_at = models.DateTimeField(null=True, blank=True)
    # All that had come by then has been read, as the e-service has told us.
    read_until = models.DateTimeField(null=True, blank=True)

    class Meta(Switch.Meta):
        verbose_name = _("e-tjänstekonto")
        verbose_name_plural = _("e-tjänstekonton")
        indexes = [
            *Switch.Meta.indexes,
            models.Index(
                fields=["-read_until"],
                name="accounts_by_reading",
                condition=Q(read_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"EServiceAccount {self.pk}"

    def has_read(self, at: datetime) -> bool:
        """What came at this moment, and all before it."""
        return self.read_until is not None and self.read_until >= at

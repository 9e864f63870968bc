from django.db import models
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

    class Meta(Switch.Meta):
        verbose_name = _("e-tjänstekonto")
        verbose_name_plural = _("e-tjänstekonton")

    def __str__(self) -> str:
        return f"EServiceAccount {self.pk}"

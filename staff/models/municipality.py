import re
from datetime import time
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import (
    MaxValueValidator,
    MinValueValidator,
    RegexValidator,
    validate_domain_name,
)
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

# SMS never leave outside these hours, whatever the setting says.
EARLIEST_SMS, LATEST_SMS = time(8), time(20)

SENDER_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{3,11}")


def validate_sender_name(value: str) -> None:
    if len(value) > 11:
        raise ValidationError(
            _("Avsändaren får vara högst 11 tecken. ”%(value)s” är %(count)d."),
            params={"value": value, "count": len(value)},
        )
    if not SENDER_NAME.fullmatch(value):
        raise ValidationError(
            _("Skriv 3–11 tecken med bara a–z, siffror och mellanslag, till exempel Soderkoping.")
        )


class Municipality(models.Model):
    """Whose product this is: everything that names a municipality. There is one row."""

    name = models.CharField(_("kommunens namn"), max_length=60, default="Kommunen")
    english_name = models.CharField(
        _("kommunens namn på engelska"),
        max_length=60,
        blank=True,
        help_text=_("Till exempel Söderköping Municipality."),
    )
    sender_name = models.CharField(
        _("kort avsändarnamn i sms"),
        max_length=40,
        default="Kommunen",
        validators=[validate_sender_name],
    )
    website = models.CharField(
        _("webbadress"),
        max_length=100,
        default="kommunen.example",
        validators=[validate_domain_name],
    )
    switchboard = models.CharField(_("telefon till växeln"), max_length=30, blank=True)
    out_of_hours_phone = models.CharField(
        _("telefon utanför kontorstid"), max_length=30, blank=True
    )
    support_phone = models.CharField(
        _("telefon till systemförvaltningen"), max_length=30, blank=True
    )
    sheet_address = models.CharField(
        _("informationsbladets adress i sms"),
        max_length=60,
        blank=True,
        help_text=_("Lämna tomt om sms:et inte ska nämna någon adress."),
    )
    logo = models.BinaryField(_("logotyp"), blank=True, editable=True)
    logo_type = models.CharField(max_length=20, blank=True, editable=False)
    colour = models.CharField(
        _("färg"),
        max_length=7,
        default="#0b5a8a",
        validators=[
            RegexValidator(
                r"^#[0-9a-fA-F]{6}$", _("Skriv färgen som # och sex tecken, till exempel #0b5a8a.")
            )
        ],
    )
    reply_days = models.PositiveSmallIntegerField(
        _("svarstid i vardagar"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(30)],
    )
    sms_from = models.TimeField(_("sms skickas från"), default=time(9))
    sms_until = models.TimeField(_("sms skickas till"), default=time(17))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("kommun")
        verbose_name_plural = _("kommun")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_municipality"),
            models.CheckConstraint(
                condition=Q(sms_from__lt=F("sms_until")),
                name="sms_hours_end_after_they_start",
                violation_error_message=_("Sluttiden ska vara efter starttiden."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def load(cls) -> Self:
        return cls.objects.get_or_create(pk=1)[0]

    def is_sms_time(self, local: time) -> bool:
        """Whether an SMS may leave at this local time of a working day."""
        return max(self.sms_from, EARLIEST_SMS) <= local < min(self.sms_until, LATEST_SMS)

    def text_colour(self) -> str:
        """Black or white, whichever is easier to read on the municipality's colour (WCAG 1.4.3)."""
        light = _luminance(self.colour)
        return "#ffffff" if 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 else "#000000"


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

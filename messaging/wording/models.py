"""The texts that the product says to people, by kind, medium and language."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.wording.versions import Version, VersionEvent, VersionQuerySet, constraints
from web import languages

__all__ = ["Kind", "Medium", "Text", "VersionEvent"]


class Kind(models.TextChoices):
    """What it is that is said."""

    NEW_MESSAGE = "new_message", _("Nytt meddelande")
    WELCOME = "welcome", _("Välkommen")
    REMINDER = "reminder", _("Påminnelse")
    TEST = "test", _("Test av nummer")


class Medium(models.TextChoices):
    """Where it is read: the first two can be seen by whoever picks up the telephone."""

    SMS = "sms", _("Sms")
    EMAIL = "email", _("Mejl")
    MESSAGE = "message", _("Meddelande")


class Text(Version):
    KEY: ClassVar = ("kind", "medium", "language")
    CONTENT: ClassVar = ("subject", "body")

    kind = models.CharField(_("mall"), max_length=20, choices=Kind)
    medium = models.CharField(_("kanal"), max_length=10, choices=Medium)
    language = models.CharField(_("språk"), max_length=10, choices=languages.CHOICES)
    subject = models.CharField(_("Ämne"), max_length=100, blank=True)
    body = models.TextField(_("Text"), max_length=8000)

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texter")
        constraints = constraints("text", "kind", "medium", "language")

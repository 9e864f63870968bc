from django.db import models
from django.utils.translation import gettext_lazy as _


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

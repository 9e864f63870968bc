import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from messaging.sheet.models import SheetVersion
from persons.models import Person
from staff.models import User
from web import clock


class MessageQuerySet(models.QuerySet["Message"]):
    def welcomes(self) -> Self:
        """One at most for each person: those that have been stopped are history."""
        return self.filter(kind=Message.Kind.WELCOME).exclude(state=Message.State.STOPPED)


class Message(models.Model):
    """What is written inside the e-service, by the office or by the person."""

    class Kind(models.TextChoices):
        WELCOME = "welcome", _("Välkomstmeddelande")
        LETTER = "letter", _("Meddelande")

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("Schemalagt")
        READABLE = "readable", _("Finns i inkorgen")
        STOPPED = "stopped", _("Stoppat")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=20, choices=Kind)
    from_person = models.BooleanField(default=False)
    subject = models.CharField(_("Ämne"), max_length=100)
    body = models.TextField(_("Meddelande"), max_length=8000)
    language = models.CharField(max_length=10, default="sv")
    # It stands in the case system, as somebody has confirmed. Ours are only the notices.
    written_elsewhere = models.BooleanField(default=False)
    sheet = models.ForeignKey(SheetVersion, models.PROTECT, null=True, related_name="+")
    written_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=20, choices=State, default=State.SCHEDULED)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now)
    readable_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("meddelande")
        verbose_name_plural = _("meddelanden")
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(kind="welcome") & ~Q(state="stopped"),
                name="one_welcome_per_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="readable") | Q(readable_at__isnull=False),
                name="readable_message_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(from_person=True) | Q(written_by__isnull=False),
                name="message_has_a_writer",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="messages_waiting", condition=Q(state="scheduled")),
            models.Index(fields=["person", "-created_at"], name="messages_of_person"),
        ]

    def __str__(self) -> str:
        return f"Message {self.pk}"

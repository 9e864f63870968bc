from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from persons.models.insert_only import InsertOnlyModel, InsertOnlyQuerySet
from persons.models.person import Person
from staff.models import Role, Unit, User
from web import clock


class AccessLogQuerySet(InsertOnlyQuerySet):
    def about(self, person: Person, *, since: datetime, until: datetime | None = None) -> Self:
        """Looks at one person, also in lists. The period bounds both halves by their own index."""
        period = Q(at__gte=since) if until is None else Q(at__gte=since, at__lte=until)
        listed = AccessLogListed.objects.filter(period, person=person).values("entry")
        # A union: an OR over two tables would read the whole log.
        return self.filter(pk__in=self.filter(period, person=person).values("pk").union(listed))

    def before(self, last: "AccessLogEntry") -> Self:
        """What comes after `last` when the newest is first."""
        return self.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))


class AccessLogEntry(InsertOnlyModel):
    """Who saw or did what, about whom, in which role and unit, and when. SoLPuL 10 §."""

    class Action(models.TextChoices):
        LIST = "list", _("Visade lista")
        SEARCH = "search", _("Sökte")
        VIEW = "view", _("Öppnade")
        UNMASK = "unmask", _("Visade dold uppgift")
        CREATE = "create", _("Lade till")
        UPDATE = "update", _("Ändrade")
        SEND = "send", _("Skickade")
        EXPORT = "export", _("Hämtade ut")
        PRINT = "print", _("Skrev ut")
        LOG = "log", _("Läste åtkomstloggen")
        DISPOSE = "dispose", _("Gallrade")
        DISPOSE_LOG = "dispose_log", _("Gallrade åtkomstloggen")

    class Basis(models.TextChoices):
        """What gave the right."""

        NONE = "", _("Inget")
        ASSIGNMENT = "assignment", _("Uppdrag")
        SUBSTITUTE = "substitute", _("Ersättare")
        MANAGER = "manager", _("Enhetschef")
        EMERGENCY = "emergency", _("Öppnat utan uppdrag")

    at = models.DateTimeField(default=clock.now)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    basis = models.CharField(max_length=20, choices=Basis, blank=True, default=Basis.NONE)
    action = models.CharField(max_length=20, choices=Action)
    # Asked for and not given. Then `person` is whom it was about, if there is one.
    refused = models.BooleanField(default=False)
    # One person, or in a list the ids of all that were shown: one row for one look.
    # No constraint: when the person has been disposed of, the number stays and leads nowhere.
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="access_log", db_constraint=False
    )
    listed = models.JSONField(default=list)
    view = models.CharField(max_length=60)
    reason = models.CharField(max_length=200, blank=True)
    source_ip = models.GenericIPAddressField(null=True)

    objects = AccessLogQuerySet.as_manager()  # type: ignore[misc]  # the base class has one too

    class Meta(InsertOnlyModel.Meta):
        abstract = False
        verbose_name = _("rad i åtkomstloggen")
        verbose_name_plural = _("åtkomstloggen")
        indexes = [
            models.Index(fields=["person", "-at"], name="who_read_about_person"),
            models.Index(fields=["user", "-at"], name="what_a_user_read"),
            models.Index(fields=["at"], name="looks_of_a_month"),
        ]

    def __str__(self) -> str:
        return f"AccessLogEntry {self.pk}"


class AccessLogListed(InsertOnlyModel):
    """An index over `listed`, so that a person's log also knows the lists the person was on."""

    entry = models.ForeignKey(AccessLogEntry, models.PROTECT, related_name="+")
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    at = models.DateTimeField()

    class Meta(InsertOnlyModel.Meta):
        abstract = False
        indexes = [models.Index(fields=["person", "-at"], name="lists_a_person_was_on")]

    def __str__(self) -> str:
        return f"AccessLogListed {self.pk}"


class AccessLogSeal(InsertOnlyModel):
    """The rows of a minute, and through `digest` every row before them. See persons/sealing.py."""

    number = models.PositiveBigIntegerField(primary_key=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    count = models.PositiveIntegerField()
    sealed_at = models.DateTimeField(default=clock.now)
    digest = models.CharField(max_length=64)

    class Meta(InsertOnlyModel.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"AccessLogSeal {self.pk}"

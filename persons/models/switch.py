from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from persons.states import BY_A_CHANGE, OPEN, TRANSITIONS, SwitchState


class NotAllowed(Exception):
    """The move is not in the table, or somebody else moved first."""


DIRTY = Q(version__gt=F("synced_version")) & ~Q(state=SwitchState.OFF)
# After so many nights with a no, a row is set aside until it is changed or somebody asks.
NIGHTS_BEFORE_SET_ASIDE = 5
SET_ASIDE = Q(refused_times__gte=NIGHTS_BEFORE_SET_ASIDE)
# What a change takes away: what the other side said was about the row as it was.
ASKED_AGAIN: dict[str, Any] = {"refused_times": 0, "refused_on": None, "refusal": ""}


class SwitchQuerySet(models.QuerySet[Any]):
    def dirty(self) -> Self:
        """What the other side has not been told yet. A version, never a time.

        A row that is OFF has nothing to tell: one that had been told went through CLOSING.
        """
        return self.filter(DIRTY)

    def set_aside(self) -> Self:
        """Refused so often that the night no longer asks. Not forgotten: the run says so."""
        return self.dirty().filter(SET_ASIDE)

    def due(self) -> Self:
        """What the next run takes."""
        return self.dirty().exclude(SET_ASIDE)

    def facts_changed(self) -> int:
        """As move(), for many rows at once whose number or address was changed beside them.

        Lock the rows first. Also one that is off gets a new version: who has the form open
        must see what came meanwhile.
        """
        moves = [When(state=old, then=Value(new)) for old, new in BY_A_CHANGE.items()]
        return self.update(
            state=Case(*moves, default=F("state")), version=F("version") + 1, **ASKED_AGAIN
        )


class Switch(models.Model):
    """What is switched on, how it is told, and how far the nightly run has come with it.

    `version` counts our changes, `sent_version` is what a run has handed over, and
    `synced_version` what the other side has confirmed. Dirty is version > synced_version.
    """

    messages_enabled = models.BooleanField(_("Meddelande"), default=False)
    notify_by_sms = models.BooleanField(_("Notifiering via SMS"), default=False)
    notify_by_email = models.BooleanField(_("Notifiering via e-post"), default=False)
    # None: not asked yet. True also when the person is unsure.
    sms_read_by_others = models.BooleanField(null=True, blank=True)
    email_read_by_others = models.BooleanField(null=True, blank=True)

    state = models.CharField(_("läge"), max_length=20, choices=SwitchState, default=SwitchState.OFF)
    usable_from = models.DateField(_("kan användas från"), null=True, blank=True)
    refusal = models.CharField(max_length=200, blank=True)
    # On how many nights in a row the other side has said no to this version, and the latest.
    refused_times = models.PositiveSmallIntegerField(_("nätter med nej"), default=0)
    refused_on = models.DateField(_("senaste nej"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=0)
    sent_version = models.PositiveIntegerField(_("skickad version"), default=0)
    synced_version = models.PositiveIntegerField(_("synkad version"), default=0)
    # The version that a person has entered by hand in a system that cannot be told otherwise.
    confirmed_version = models.PositiveIntegerField(_("bekräftad version"), default=0)

    objects = SwitchQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(synced_version__lte=F("sent_version"), sent_version__lte=F("version")),
                name="%(class)s_confirms_only_what_was_sent",
            ),
            # Only a successful run sets the date, and a row that can be used has one.
            models.CheckConstraint(
                condition=~Q(state__in=sorted(OPEN)) | Q(usable_from__isnull=False),
                name="%(class)s_in_use_has_a_date",
            ),
            models.CheckConstraint(
                condition=~Q(notify_by_sms=True, sms_read_by_others=True)
                & ~Q(notify_by_email=True, email_read_by_others=True),
                name="%(class)s_notifies_nobody_else",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="%(class)s_dirty",
                condition=DIRTY,
            )
        ]

    @property
    def is_usable(self) -> bool:
        return self.state in OPEN

    def is_usable_on(self, day: date) -> bool:
        return self.is_usable and self.usable_from is not None and self.usable_from <= day

    @property
    def is_refused(self) -> bool:
        """The other side said no, also to a change of what is in use."""
        waits = self.version > self.synced_version
        return self.state == SwitchState.FAILED or (waits and bool(self.refusal))

    @property
    def is_set_aside(self) -> bool:
        return self.is_refused and self.refused_times >= NIGHTS_BEFORE_SET_ASIDE

    @property
    def sync_number(self) -> str:
        """What a worker tells an administrator, who may not know whom it is about."""
        return f"{type(self).__name__[0]}{self.pk}"

    @property
    def can_be_undone(self) -> bool:
        """Switched on, and no run has taken it yet: the other side knows nothing."""
        return self.state == SwitchState.PENDING and self.sent_version == self.synced_version

    def move(self, to: SwitchState, **changes: Any) -> None:
        """Change state and facts together, unless the table or another user forbids it.

        Moving to the present state changes the facts alone; both make the row dirty.
        """
        current = SwitchState(self.state)
        if to not in TRANSITIONS[current] | {current}:
            raise NotAllowed(f"{self} cannot go from {current} to {to}")
        # The filter on the version is the lock: of two simultaneous moves, one updates no row.
        untouched = type(self)._default_manager.filter(
            pk=self.pk, state=current, version=self.version, sent_version=self.sent_version
        )
        new = ASKED_AGAIN | {"state": to, "version": self.version + 1} | changes
        if not untouched.update(**new):
            raise NotAllowed(f"{self} was changed by someone else")
        self.refresh_from_db()

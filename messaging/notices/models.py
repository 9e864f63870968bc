import uuid
from datetime import datetime
from typing import Any, Self

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from messaging.notices.states import AWAITED, IN_FLIGHT, TRANSITIONS, NoticeState
from messaging.sheet.models import SheetVersion
from messaging.wording.kinds import Kind
from persons.models import Person
from persons.models.insert_only import InsertOnlyModel
from staff.models import User
from web import clock


class NotAllowed(Exception):
    """The move is not in the table."""


class Channel(models.TextChoices):
    SMS = "sms", _("Sms")
    EMAIL = "email", _("Mejl")


class NoticeQuerySet(models.QuerySet["Notice"]):
    def due(self, now: datetime) -> Self:
        return self.filter(state=NoticeState.QUEUED, not_before__lte=now)

    def in_order(self) -> Self:
        """What somebody stands and waits for goes before all others."""
        return self.order_by("-urgent", "not_before", "pk")

    def addresses_in_flight(self) -> Any:
        return self.filter(state__in=sorted(IN_FLIGHT)).values("address")

    @transaction.atomic
    def move_all(
        self,
        notices: list["Notice"],
        to: NoticeState,
        *,
        code: str = "",
        attempts: int = 0,
        **facts: Any,
    ) -> list["Notice"]:
        """`Notice.move` for many that go the same way. Returns those that are as we read them.

        They are locked while they are compared, so that nobody moves one in between.
        """
        # In one order, as in `actions.queue_all`: two that lock several must not wait in a circle.
        rows = self.filter(pk__in=[notice.pk for notice in notices]).order_by("pk")
        rows = rows.select_for_update()
        as_it_is = {pk: is_ for pk, *is_ in rows.values_list("pk", "state", "attempt", "newest_at")}
        ours = [
            one
            for one in notices
            if as_it_is.get(one.pk) == [one.state, one.attempt, one.newest_at]
        ]
        for notice in ours:
            notice.require_may_move(to)
        facts |= {"state": to, "last_code": code}
        moved = self.filter(pk__in=[notice.pk for notice in ours])
        moved.update(attempt=F("attempt") + attempts, **facts)
        NoticeEvent.objects.bulk_create(
            NoticeEvent(notice=notice, from_state=notice.state, to_state=to, code=code)
            for notice in ours
        )
        for notice in ours:
            notice.attempt += attempts
            for name, value in facts.items():
                setattr(notice, name, value)
        return ours

    def to_ask_about(self, now: datetime) -> Self:
        """Also those without a time: from before there was one, or told of when it was over."""
        due = Q(ask_at__lte=now) | Q(ask_at=None)
        return self.filter(due, state__in=sorted(AWAITED))


class Notice(models.Model):
    """A neutral SMS or e-mail. This row is the truth; the queue is a reminder.

    Text, address and attachment are frozen when it is queued: a retry sends the same bytes.
    """

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dedupe_key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(_("slag"), max_length=20, choices=Kind)
    channel = models.CharField(_("kanal"), max_length=10, choices=Channel)
    person = models.ForeignKey(Person, models.PROTECT, related_name="notices")
    address = models.CharField(max_length=254)
    sender = models.CharField(max_length=100)
    subject = models.CharField(max_length=100, blank=True)
    text = models.TextField()
    html = models.TextField(blank=True)
    sheet = models.ForeignKey(SheetVersion, models.PROTECT, null=True, related_name="+")

    state = models.CharField(
        _("läge"), max_length=20, choices=NoticeState, default=NoticeState.QUEUED
    )
    attempt = models.PositiveSmallIntegerField(_("försök"), default=0)
    # Of the attempts, those that failed because of this notice: an outage counts for none.
    failures = models.PositiveSmallIntegerField(default=0)
    # Somebody stands and waits for it: it goes before all others.
    urgent = models.BooleanField(default=False)
    # When the newest of what it tells came: it may be told of several things.
    newest_at = models.DateTimeField(default=clock.now, db_default=Now())
    not_before = models.DateTimeField(_("tidigast"), default=clock.now)
    # Real time: these are about machines.
    started_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    check_after = models.DateTimeField(null=True)
    negative_checks = models.PositiveSmallIntegerField(default=0)
    # Restored from a backup of this time: asked about before it is sent.
    may_have_left_since = models.DateTimeField(null=True)
    # When the provider is asked, if it has not told by then.
    ask_at = models.DateTimeField(null=True)

    provider = models.CharField(max_length=40, blank=True)
    provider_id = models.CharField(max_length=120, blank=True)
    last_code = models.CharField(_("kod"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("köad"), default=clock.now)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(_("avgjord"), null=True)
    # One more try of what a telephone or an inbox did not take. There is never a third.
    again_for = models.OneToOneField("self", models.CASCADE, null=True, related_name="again")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("sms eller mejl")
        verbose_name_plural = _("sms och mejl")
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "provider_id"],
                condition=~Q(provider_id=""),
                name="one_notice_per_provider_message",
            ),
            models.UniqueConstraint(
                fields=["address"],
                condition=Q(state__in=sorted(IN_FLIGHT)),
                name="one_notice_in_flight_per_address",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-urgent", "not_before", "id"],
                name="notices_waiting",
                condition=Q(state=NoticeState.QUEUED),
            ),
            models.Index(fields=["started_at"], name="notices_by_start"),
            models.Index(
                fields=["id"],
                name="notices_for_a_person",
                condition=Q(state=NoticeState.NEEDS_HUMAN),
            ),
            models.Index(
                fields=["state", "id"],
                name="notices_in_flight",
                condition=Q(state__in=sorted(IN_FLIGHT)),
            ),
            models.Index(
                fields=["ask_at", "id"],
                name="notices_awaited",
                condition=Q(state__in=sorted(AWAITED)),
            ),
        ]

    def __str__(self) -> str:
        return f"Notice {self.pk}"

    def is_anothers(self, provider: str, provider_id: str) -> bool:
        """Two people with one telephone are sent the same text: its id tells which is whose."""
        others = Notice.objects.filter(provider=provider, provider_id=provider_id)
        return others.exclude(pk=self.pk).exists()

    @transaction.atomic
    def move(self, to: NoticeState, *, code: str = "", **facts: Any) -> bool:
        """Change state if the row is still as we read it, with one event. False: somebody else.

        The filter on state, attempt and what it tells of is the lock: nobody withdraws what has
        been given something more to tell.
        """
        old = self.require_may_move(to)
        ours = Notice.objects.filter(
            pk=self.pk, state=old, attempt=self.attempt, newest_at=self.newest_at
        )
        if not ours.update(state=to, last_code=code, **facts):
            return False
        self.events.create(from_state=old, to_state=to, code=code)
        self.refresh_from_db()
        return True

    def require_may_move(self, to: NoticeState) -> NoticeState:
        """Where it is now. Raises NotAllowed where the table has no such move."""
        old = NoticeState(self.state)
        if to not in TRANSITIONS.get(old, set()):
            raise NotAllowed(f"{self} cannot go from {old} to {to}")
        return old


class NoticeEvent(InsertOnlyModel):
    """Each move of a notice. Codes only, never a provider's text: it may quote the address."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="events")
    at = models.DateTimeField(default=clock.now)
    from_state = models.CharField(max_length=20, choices=NoticeState)
    to_state = models.CharField(max_length=20, choices=NoticeState)
    code = models.CharField(max_length=60, blank=True)

    class Meta(InsertOnlyModel.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"NoticeEvent {self.pk}"


class SendingMarker(models.Model):
    """One row, whose twin is a file that no backup holds. See `restoring.py`."""

    marker = models.CharField(max_length=32)
    claims = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"SendingMarker {self.pk}"


class Restoration(InsertOnlyModel):
    """A backup was restored, and what may have left after it was taken was put in doubt."""

    at = models.DateTimeField(default=clock.now)
    backup_time = models.DateTimeField()
    notice_count = models.PositiveIntegerField()

    class Meta(InsertOnlyModel.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"Restoration {self.pk}"


class ProviderEvent(InsertOnlyModel):
    """What a provider has told us, as it said it, kept before it is believed to change anything.

    Its id, its words and our reference: neither address nor text. The same thing told twice is
    one row.
    """

    provider = models.CharField(max_length=40)
    ref = models.UUIDField()
    # None: it spoke of something that we have never sent, or have forgotten.
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, related_name="provider_events")
    provider_id = models.CharField(max_length=120)
    status = models.CharField(max_length=40)
    code = models.CharField(max_length=60)
    at = models.DateTimeField(default=clock.now)

    class Meta(InsertOnlyModel.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "ref", "provider_id", "status", "code"],
                name="one_row_per_thing_told",
            )
        ]

    def __str__(self) -> str:
        return f"ProviderEvent {self.pk}"


class GatewayState(models.Model):
    """How it goes with one gateway, or with e-mail. Written by all workers, in real time."""

    gateway = models.CharField(max_length=40, unique=True)
    # In a row. At so many as `breaker.py` says it is stopped, and an administrator is told.
    failures = models.PositiveIntegerField(default=0)
    code = models.CharField(max_length=60, blank=True)
    stopped_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    # Until then it is given nothing. Then one notice alone finds out whether it works again.
    try_after = models.DateTimeField(null=True)
    # When the next one may be handed over, so that a long queue never leaves in a burst.
    next_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"GatewayState {self.gateway}"

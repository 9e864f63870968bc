from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from persons.models.access_log import AccessLogEntry
from persons.models.insert_only import InsertOnlyModel
from staff.models import User
from web import clock


class LogSample(InsertOnlyModel):
    """The looks of a month that chance chose for review. Drawn once, never until it suits."""

    month = models.DateField()  # its first day
    place = models.PositiveSmallIntegerField()
    entry = models.ForeignKey(AccessLogEntry, models.PROTECT, related_name="+")

    class Meta(InsertOnlyModel.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["month", "place"], name="a_sample_is_drawn_once"),
            models.UniqueConstraint(fields=["month", "entry"], name="a_look_is_drawn_once"),
        ]

    def __str__(self) -> str:
        return f"LogSample {self.pk}"


class LogReview(InsertOnlyModel):
    """What a review of one look showed. Written anew when it was wrong: the latest one counts."""

    class Decision(models.TextChoices):
        JUSTIFIED = "justified", _("Öppningen hörde till arbetet")
        FOLLOW_UP = "follow_up", _("Behöver följas upp med enhetschefen")
        UNJUSTIFIED = "unjustified", _("Öppningen hörde inte till arbetet")

    entry = models.ForeignKey(AccessLogEntry, models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    decision = models.CharField(_("bedömning"), max_length=20, choices=Decision)
    text = models.CharField(_("vad granskningen visade"), max_length=500, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta(InsertOnlyModel.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="justified") | ~Q(text=""),
                name="what_is_not_in_order_is_described",
            )
        ]

    def __str__(self) -> str:
        return f"LogReview {self.pk}"

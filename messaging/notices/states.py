"""The states of a notice. Status only climbs, and a final state is final."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class NoticeState(TextChoices):
    QUEUED = "queued", _("Köad")
    SENDING = "sending", _("Skickas nu")
    IN_DOUBT = "in_doubt", _("Oklart om den skickades")
    ACCEPTED = "accepted", _("På väg")
    SENT = "sent", _("Skickad")
    DELIVERED = "delivered", _("Levererad")
    UNDELIVERED = "undelivered", _("Nådde inte fram")
    FAILED = "failed", _("Gick inte att skicka")
    SUPPRESSED = "suppressed", _("Mottagaren vill inte ha")
    CANCELLED = "cancelled", _("Stoppad")
    NEEDS_HUMAN = "needs_human", _("Behöver kontrolleras")


S = NoticeState

_FINAL_AT_THE_PROVIDER = {S.DELIVERED, S.UNDELIVERED, S.FAILED}

TRANSITIONS: dict[NoticeState, set[NoticeState]] = {
    # In doubt unsent: restored from a backup, it may have left since.
    S.QUEUED: {S.SENDING, S.IN_DOUBT, S.CANCELLED},
    # Back to QUEUED only with proof that nothing left.
    S.SENDING: {S.QUEUED, S.IN_DOUBT, S.ACCEPTED, S.SENT, S.SUPPRESSED, S.NEEDS_HUMAN}
    | _FINAL_AT_THE_PROVIDER,
    S.IN_DOUBT: {S.QUEUED, S.ACCEPTED, S.SENT, S.NEEDS_HUMAN} | _FINAL_AT_THE_PROVIDER,
    S.ACCEPTED: {S.SENT} | _FINAL_AT_THE_PROVIDER,
    S.SENT: _FINAL_AT_THE_PROVIDER,
}

# At most one of these per address at a time.
IN_FLIGHT = frozenset({S.SENDING, S.IN_DOUBT})
# The person has not been reached, and somebody must do something.
MISSED = frozenset({S.UNDELIVERED, S.FAILED, S.NEEDS_HUMAN})

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
    NO_REPORT = "no_report", _("Utan leveransbesked")
    CANCELLED = "cancelled", _("Stoppad")
    NEEDS_HUMAN = "needs_human", _("Behöver kontrolleras")


S = NoticeState

# What a provider can tell, from less to more. Its reports come in any order, late and twice: a
# higher one is never taken back, so that the order makes no difference. A telephone that has taken
# an SMS has taken it, whatever was believed before.
TOLD = (S.ACCEPTED, S.SENT, S.NO_REPORT, S.FAILED, S.UNDELIVERED, S.DELIVERED, S.SUPPRESSED)
# The provider has it, and owes us a report.
AWAITED = frozenset({S.ACCEPTED, S.SENT})


def climb(old: NoticeState, told: NoticeState) -> NoticeState:
    """Where a report leads. Whatever we had guessed before the first one counts for less."""
    return told if _height(told) > _height(old) else old


def _height(state: NoticeState) -> int:
    return TOLD.index(state) if state in TOLD else -1


# All that a report can say of a notice of which we knew nothing.
_REPORTED = set(TOLD) - {S.NO_REPORT}

TRANSITIONS: dict[NoticeState, set[NoticeState]] = {
    # In doubt unsent: restored from a backup, it may have left since. A report of what we believed
    # had never left comes before another attempt.
    S.QUEUED: {S.SENDING, S.IN_DOUBT, S.CANCELLED} | _REPORTED,
    # Back to QUEUED only with proof that nothing left.
    S.SENDING: {S.QUEUED, S.IN_DOUBT, S.NEEDS_HUMAN} | _REPORTED,
    S.IN_DOUBT: {S.QUEUED, S.NEEDS_HUMAN} | _REPORTED,
    S.CANCELLED: _REPORTED,
    S.NEEDS_HUMAN: _REPORTED,
    **{low: set(TOLD[TOLD.index(low) + 1 :]) for low in TOLD[:-1]},
}

# At most one of these per address at a time.
IN_FLIGHT = frozenset({S.SENDING, S.IN_DOUBT})

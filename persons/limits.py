"""How much one user may look up. Counted in the access log, which all web processes share."""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from persons.models import AccessLogEntry
from staff.models import User

log = structlog.get_logger(__name__)

Action = AccessLogEntry.Action
EMERGENCY_VIEW = "open_without_assignment"


class TooMuch(Exception):
    """Says in Swedish what to do instead. Whoever refuses also logs it as refused."""


def allow_search(user: User, *, now: datetime) -> None:
    """Raise TooMuch when the user has searched too often, or seen too many, of late.

    Call it in the transaction that logs the search: two at once then count each other.
    """
    User.objects.select_for_update().get(pk=user.pk)
    made = AccessLogEntry.objects.filter(user=user, action=Action.SEARCH, refused=False)
    if made.filter(at__gt=now - timedelta(minutes=1)).count() >= settings.SEARCHES_PER_MINUTE:
        _alarm("too many searches", user)
        raise TooMuch(_("Du har sökt många gånger på kort tid. Vänta en minut och försök igen."))
    shown = made.filter(at__gt=now - timedelta(hours=1)).values_list("listed", flat=True)
    if len({person for listed in shown for person in listed}) >= settings.SEARCHED_PERSONS_PER_HOUR:
        _alarm("too many persons searched", user)
        raise TooMuch(
            _(
                "Du har sökt fram många personer den senaste timmen. "
                "Vänta en stund, eller prata med enhetschefen."
            )
        )


def allow_emergency(user: User, *, now: datetime) -> None:
    """Raise TooMuch after some attempts in a day, also in vain: else numbers could be tried out.

    Call it in the transaction that logs the opening, with the user's row locked.
    """
    tried = AccessLogEntry.objects.filter(user=user, view=EMERGENCY_VIEW)
    if tried.filter(at__gt=now - timedelta(days=1)).count() >= settings.EMERGENCY_ACCESS_PER_DAY:
        _alarm("too many openings without assignment", user)
        raise TooMuch(
            _("Du har öppnat eller försökt öppna många utan uppdrag. Prata med enhetschefen.")
        )


def _alarm(event: str, user: User) -> None:
    log.warning(event, user=user.pk)

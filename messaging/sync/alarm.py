"""Somebody must know before the office opens that the night did not go through."""

from datetime import datetime, time

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _

from messaging.sync import calendar
from messaging.sync.models import SyncRun
from staff import administrators

log = structlog.get_logger(__name__)

# After the hours that a night may take, and read before six.
AT = time(5, 45)
State = SyncRun.State


def is_missing(now: datetime) -> bool:
    """Whether it is morning and the night has not come through: failed, stopped or never begun.

    Where no night has been yet, none is missing: the first tick of beat begins one.
    """
    if timezone.localtime(now).time() < AT:
        return False
    tonight = calendar.ledger_date(now)
    last = SyncRun.objects.filter(local_date__lte=tonight).order_by("-local_date").first()
    if last is None or _is_run_again(last):
        return False
    return last.local_date < tonight or last.state not in {State.DONE, State.PARTIAL}


def _is_run_again(night: SyncRun) -> bool:
    """One number of a finished night, or all of it by hand: what comes of it is told then."""
    if night.state != State.RUNNING or night.started_at is None:
        return False
    return bool(night.finished_at) or timezone.localtime(night.started_at).time() >= AT


def tell_if_missing(now: datetime) -> None:
    """One e-mail to each administrator for each night."""
    if not is_missing(now):
        return
    night = SyncRun.objects.get_or_create(local_date=calendar.ledger_date(now))[0]
    # The filter is the lock: of those that see it one tells.
    if SyncRun.objects.filter(pk=night.pk, alarmed_at=None).update(alarmed_at=now):
        log.error("night is missing", local_date=str(night.local_date), state=night.state)
        text = _("Nattens körning är inte klar. Logga in och öppna sidan Synkning: %(address)s")
        administrators.write(_("Nattens körning är inte klar"), text, page="sync_status")

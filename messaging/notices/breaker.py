"""A gateway that takes nothing is left alone, and what waits for it loses no attempt.

After a fault it rests, longer each time. After several in a row, or one that only a person can
mend, it is stopped and an administrator is told, once. Then one notice at a time finds out whether
it works again. The state is a row, so that all workers know.
"""

import random
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from messaging.notices.models import GatewayState
from messaging.notices.sms.base import Misconfigured
from staff import administrators
from web import clock

log = structlog.get_logger(__name__)

STOPS_AFTER = 5
# A trial whose worker dies is followed by another.
TRIAL = timedelta(seconds=30)
# A gateway that comes and goes is told of no more often.
TELL_AGAIN = timedelta(hours=1)


def is_open(name: str) -> bool:
    """Whether a notice may be claimed for it. Locks nothing: `enter` decides."""
    resting = GatewayState.objects.filter(gateway=name, try_after__gt=clock.machine_now())
    return not resting.exists()


def is_well(name: str) -> bool:
    """It works, and nobody has said how fast: not each notice has to ask for its turn."""
    failing = GatewayState.objects.filter(gateway=name, failures__gt=0)
    return not settings.NOTICES_PER_SECOND and not failing.exists()


@transaction.atomic
def enter(name: str) -> float | None:
    """Ask to hand over one notice: how many seconds to wait for one's turn, or None for no."""
    state, now = _locked(name), clock.machine_now()
    if state.try_after and state.try_after > now:
        return None
    if state.failures:
        state.try_after = now + TRIAL
    turn = max(now, state.next_at or now)
    if settings.NOTICES_PER_SECOND:
        state.next_at = turn + timedelta(seconds=1 / settings.NOTICES_PER_SECOND)
    state.save(update_fields=["try_after", "next_at"])
    return (turn - now).total_seconds()


def works(name: str) -> None:
    """It answered, whatever it said of the notice."""
    failing = GatewayState.objects.filter(gateway=name, failures__gt=0)
    if failing.update(failures=0, code="", stopped_at=None, try_after=None):
        log.info("channel works again", gateway=name)


@transaction.atomic
def fails(name: str, error: Exception, *, code: str) -> None:
    state, now = _locked(name), clock.machine_now()
    at_once = isinstance(error, Misconfigured)
    state.failures = max(state.failures + 1, STOPS_AFTER if at_once else 0)
    state.code = code
    state.try_after = now + _rest(state.failures)
    if state.failures >= STOPS_AFTER:
        state.stopped_at = state.stopped_at or now
    state.save(update_fields=["failures", "code", "try_after", "stopped_at"])


def try_again(name: str) -> bool:
    """The next notice finds out whether it works. False: it rests no more."""
    failing = GatewayState.objects.filter(gateway=name, failures__gt=0)
    return bool(failing.update(try_after=None))


def tell() -> None:
    """One log line and one e-mail to each administrator about what has stopped."""
    now = clock.machine_now()
    news = Q(told_at__isnull=True) | Q(told_at__lt=Least(F("stopped_at"), now - TELL_AGAIN))
    for state in GatewayState.objects.filter(news, stopped_at__isnull=False):
        # The filter is the lock: one worker of those that see it tells.
        if GatewayState.objects.filter(news, pk=state.pk).update(told_at=now):
            log.error("channel stopped", gateway=state.gateway, code=state.code)
            text = _(
                "Utskick som väntar ligger kvar i kön och går inte förlorade. "
                "Logga in och öppna sidan Drift: %(address)s"
            )
            administrators.write(_("Utskick har stannat"), text, page="operations")


def _locked(name: str) -> GatewayState:
    return GatewayState.objects.select_for_update().get_or_create(gateway=name)[0]


def _rest(failures: int) -> timedelta:
    longest = min(2.0 ** min(failures, 20), settings.NOTICE_REST_SECONDS)
    # Not all workers and gateways at the same second.
    return timedelta(seconds=longest * random.uniform(0.5, 1))  # noqa: S311

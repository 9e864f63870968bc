"""How long a sign-in lasts: so long after the last thing done, and never more than a day's work."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpResponseBase

from web import clock

_STARTED, _ACTIVE = "started_at", "active_at"

View = Callable[..., HttpResponseBase]


def unattended(view: View) -> View:
    """Asked for by the page itself, so it does not keep anybody signed in."""
    view.is_unattended = True  # type: ignore[attr-defined]
    return view


def is_attended(view: View) -> bool:
    return not getattr(view, "is_unattended", False)


def seconds_left(session: SessionBase) -> float:
    """Not above zero: the session is over. A session counts from the first time it is asked."""
    return min(_idle_left(session), whole_left(session))


def whole_left(session: SessionBase) -> float:
    """Until the end that nothing puts off."""
    return _since(session, _STARTED) + settings.SESSION_COOKIE_AGE - _now()


def keep(session: SessionBase) -> None:
    """Somebody is there. Written down once a minute at most: each time costs a write."""
    if _now() - _since(session, _ACTIVE) > settings.SESSION_IDLE_SECONDS / 30:
        session[_ACTIVE] = _now()


def _idle_left(session: SessionBase) -> float:
    return float(_since(session, _ACTIVE) + settings.SESSION_IDLE_SECONDS - _now())


def _since(session: SessionBase, key: str) -> float:
    return float(session.setdefault(key, _now()))


def _now() -> float:
    """Real time also in the demo: moving its clock signs nobody out."""
    return clock.machine_now().timestamp()

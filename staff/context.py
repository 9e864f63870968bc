from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from staff import permissions, sessions
from staff.models import Municipality


def workplace(request: HttpRequest) -> dict[str, object]:
    """Whose product this is, and which parts of the menu this user has."""
    user = getattr(request, "user", None)
    return {
        "municipality": SimpleLazyObject(Municipality.load),
        "may_administer": permissions.may_administer(user),
        "has_provider": bool(settings.OIDC_ISSUER),
        "session_seconds": SimpleLazyObject(lambda: int(sessions.seconds_left(request.session))),
        "session_idle_minutes": settings.SESSION_IDLE_SECONDS // 60,
    }

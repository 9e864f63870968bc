from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from web import gallery


@login_not_required
@require_safe
def cookies(request: HttpRequest) -> TemplateResponse:
    context = {
        "session_cookie": settings.SESSION_COOKIE_NAME,
        "session_hours": settings.SESSION_COOKIE_AGE // 3600,
        "session_idle_minutes": settings.SESSION_IDLE_SECONDS // 60,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
    }
    return TemplateResponse(request, "web/cookies.html", context)


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "web/accessibility.html")


@require_safe
def components(request: HttpRequest) -> TemplateResponse:
    """Every shared piece of the interface on one page, to be looked at and measured."""
    if not settings.DEMO:
        raise Http404
    return TemplateResponse(request, "web/components.html", gallery.context())

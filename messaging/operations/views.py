"""Drift: how it goes with what leaves the house. The same numbers for a machine that watches."""

import structlog
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from messaging.notices import breaker, tasks
from messaging.operations import figures, page
from staff import permissions
from staff.http import UserRequest
from web import clock

log = structlog.get_logger(__name__)


@require_safe
def operations(request: UserRequest) -> TemplateResponse:
    if not permissions.may_administer(request.user):
        raise Http404
    return TemplateResponse(request, "operations/operations.html", page.context(clock.now()))


@require_POST
def try_gateway_again(request: UserRequest) -> HttpResponse:
    if not permissions.may_administer(request.user):
        raise Http404
    gateway = request.POST.get("gateway", "")
    if breaker.try_again(gateway):
        log.info("gateway tried again", gateway=gateway, user=request.user.pk)
        tasks.deliver_due_notices.delay_on_commit()
        messages.success(
            request, _("Nästa utskick visar om det fungerar igen. Ladda om sidan om en stund.")
        )
    return redirect("operations")


@login_not_required
@require_safe
def figures_as_text(request: HttpRequest) -> HttpResponse:
    """For whoever shows the token. Without one in the settings there is no such page."""
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not constant_time_compare(shown, settings.METRICS_TOKEN):
        raise Http404
    text = figures.as_text(figures.read(clock.now()))
    return HttpResponse(text, content_type="text/plain; version=0.0.4; charset=utf-8")

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from persons import access_log, limits, permissions
from persons.actions import emergency
from persons.forms import EmergencyForm, ReviewForm
from persons.models import AccessLogEntry, Case, NotAllowed
from staff.http import UserRequest
from web import clock

Action = AccessLogEntry.Action


@require_http_methods(["GET", "HEAD", "POST"])
def open_without_assignment(request: UserRequest) -> HttpResponse:
    if not permissions.may_open_in_emergency(request.user):
        raise Http404
    form = EmergencyForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        try:
            return redirect(_open(request, **form.cleaned_data).person)
        except emergency.CannotOpen:
            form.add_error(None, _("Det går inte att öppna här. Prata med enhetschefen."))
        except limits.TooMuch as refusal:
            form.add_error(None, str(refusal))
            status = 429
        asked = emergency.known(form.cleaned_data["term"])
        reason = form.cleaned_data["reason"]
        access_log.record_refused(request, Action.VIEW, asked, reason=reason)
    context = {"form": form, "hours": settings.EMERGENCY_ACCESS_HOURS}
    return TemplateResponse(request, "persons/open_without_assignment.html", context, status=status)


@transaction.atomic
def _open(request: UserRequest, **asked: Any) -> Case:
    """Not opened unless it can be logged."""
    case, is_new = emergency.open_person(by=request.user, now=clock.now(), **asked)
    if is_new:
        access_log.record(request, Action.VIEW, case, reason=asked["reason"])
    return case


@require_safe
def emergency_reviews(request: UserRequest) -> TemplateResponse:
    if not permissions.may_review_emergencies(request.user):
        raise Http404
    openings = emergency.to_review(request.user).unreviewed().select_related("person", "user")
    rows = list(openings.order_by("opened_at"))
    access_log.record_list(request, [row.person for row in rows])
    return TemplateResponse(request, "persons/emergency_reviews.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def review_emergency(request: UserRequest, opening_id: int) -> HttpResponse:
    openings = emergency.to_review(request.user).select_related("person", "user")
    opening = get_object_or_404(openings, pk=opening_id)
    form = ReviewForm(request.POST if request.method == "POST" else None)
    if opening.reviewed_at:
        messages.info(request, _("Öppningen är redan granskad."))
        return redirect("emergency_reviews")
    if form.is_valid():
        try:
            emergency.review(access=opening, by=request.user, now=clock.now(), **form.cleaned_data)
        except NotAllowed:
            messages.info(request, _("Öppningen är redan granskad."))
        else:
            messages.success(request, _("Öppningen är granskad."))
        return redirect("emergency_reviews")
    access_log.record_list(request, [opening.person])
    context = {"form": form, "opening": opening}
    return TemplateResponse(request, "persons/review_emergency.html", context)

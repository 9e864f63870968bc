"""Kommunens uppgifter: what names the municipality, seen before it is saved."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from messaging.municipality import actions, preview
from messaging.municipality.forms import MunicipalityForm
from staff import permissions
from staff.http import UserRequest
from staff.models import Municipality


@require_http_methods(["GET", "HEAD", "POST"])
def municipality(request: UserRequest) -> HttpResponse:
    _require_administrator(request)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = MunicipalityForm(*sent, instance=Municipality.load())
    if form.is_valid():
        if "preview" not in request.POST:
            actions.change_settings(municipality=form.instance, by=request.user)
            messages.success(request, _("Uppgifterna är sparade. De gäller från och med nu."))
            return redirect("municipality")
        messages.info(request, _("Så här blir det. Inget är sparat än."))
    shown = None if form.errors else preview.of(form.instance)
    context = {"form": form, "edited": form.instance, "preview": shown}
    return TemplateResponse(request, "municipality/municipality.html", context)


@require_safe
def preview_colour(request: UserRequest) -> HttpResponse:
    """A stylesheet for the sample alone: the content security policy allows no style in a page."""
    _require_administrator(request)
    candidate = Municipality(colour=request.GET.get("colour", ""))
    try:
        candidate.clean_fields(exclude={f.name for f in Municipality._meta.fields} - {"colour"})
    except ValidationError:
        raise Http404 from None
    css = (
        f".header-sample{{--municipality-colour:{candidate.colour};"
        f"--municipality-text:{candidate.text_colour()}}}"
    )
    return HttpResponse(css, content_type="text/css; charset=utf-8")


def _require_administrator(request: UserRequest) -> None:
    if not permissions.may_administer(request.user):
        raise Http404

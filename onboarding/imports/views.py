"""Import: a file of persons and cases, looked at before it is applied."""

from pathlib import Path
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onboarding.imports import actions, report
from onboarding.imports.csv_file import COLUMNS
from onboarding.imports.forms import UploadForm
from onboarding.imports.models import ImportRun
from persons.models import NotAllowed
from staff import permissions
from staff.http import UserRequest
from web import csv_export

EXAMPLE = Path(__file__).with_name("example.csv")
EARLIER = 20


@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: UserRequest) -> HttpResponse:
    _require_administrator(request)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*sent)
    if form.is_valid():
        file, submission = form.cleaned_data["file"], form.cleaned_data["submission"]
        return redirect(actions.upload(file=file.file, submission=submission, by=request.user))
    context = {"form": form, "columns": COLUMNS, "earlier": _earlier()}
    return TemplateResponse(request, "imports/imports.html", context)


@require_safe
def import_run(request: UserRequest, run_id: UUID) -> TemplateResponse:
    return TemplateResponse(request, "imports/run.html", report.page(_run(request, run_id)))


@require_POST
def proceed(request: UserRequest, run_id: UUID) -> HttpResponse:
    run = _run(request, run_id)
    try:
        actions.proceed(run=run, by=request.user)
    except actions.AnotherIsApplied:
        messages.warning(request, _("En annan import läses in just nu. Vänta tills den är klar."))
    except NotAllowed:
        messages.warning(request, _("Importen har redan gått vidare."))
    else:
        messages.success(request, _("Arbetet fortsätter i bakgrunden. Du kan lämna sidan."))
    return redirect(run)


@require_POST
def discard(request: UserRequest, run_id: UUID) -> HttpResponse:
    run = _run(request, run_id)
    try:
        actions.discard(run=run, by=request.user)
    except NotAllowed:
        messages.warning(request, _("Importen kan inte kastas nu."))
    else:
        messages.success(request, _("Importen är kastad. Raderna är borttagna härifrån."))
    return redirect(run)


@require_safe
def import_errors(request: UserRequest, run_id: UUID) -> HttpResponse:
    run = _run(request, run_id)
    return csv_export.response("importfel", report.errors_for_a_spreadsheet(run))


@require_safe
def import_example(request: UserRequest) -> FileResponse:
    _require_administrator(request)
    return FileResponse(
        EXAMPLE.open("rb"), as_attachment=True, filename="exempel.csv", content_type="text/csv"
    )


def _earlier() -> list[tuple[ImportRun, report.Panel, str]]:
    runs = ImportRun.objects.select_related("created_by").order_by("-pk")[:EARLIER]
    return [(run, report.panel(run), report.tone(run)) for run in runs]


def _run(request: UserRequest, run_id: UUID) -> ImportRun:
    _require_administrator(request)
    return get_object_or_404(
        ImportRun.objects.select_related("created_by", "applied_by"), public_id=run_id
    )


def _require_administrator(request: UserRequest) -> None:
    if not permissions.may_administer(request.user):
        raise Http404

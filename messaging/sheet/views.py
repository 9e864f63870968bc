"""The only pages without sign-in but the sign-in itself. They know no person and set no cookie."""

import structlog
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from messaging.sheet import actions, document, pdf
from messaging.sheet.models import Language, SheetVersion
from staff.models import Municipality

log = structlog.get_logger(__name__)


@login_not_required
@require_safe
@conditional_page
@cache_control(public=True, max_age=300)
def sheet(request: HttpRequest) -> HttpResponse:
    municipality = Municipality.load()
    context = document.facts(Language.SWEDISH, municipality=municipality)
    context |= {"layout": "sheet/page.html", "version": _version(municipality)}
    return render(request, document.template(Language.SWEDISH), context)


@login_not_required
@require_safe
@conditional_page
@cache_control(public=True, max_age=365 * 24 * 60 * 60, immutable=True)
def sheet_pdf(request: HttpRequest, language: str, version: int) -> HttpResponse:
    found = get_object_or_404(SheetVersion, language=language, version=version)
    filename, content, content_type = found.attachment()
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": f'inline; filename="{filename}"',
            "ETag": f'"{found.digest}"',
        },
    )


def _version(municipality: Municipality) -> SheetVersion | None:
    """A sheet that cannot be printed can still be read here."""
    try:
        return actions.current(municipality=municipality)
    except pdf.CannotRender as error:
        log.error("sheet_not_rendered", error=type(error).__name__)
        return None

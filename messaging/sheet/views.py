"""The only pages without sign-in but the sign-in itself. They know no person and set no cookie."""

import structlog
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from messaging.sheet import actions, document, pdf, published
from messaging.sheet.models import SheetVersion
from staff.models import Municipality
from web import languages

log = structlog.get_logger(__name__)


@login_not_required
@require_safe
@conditional_page
@cache_control(public=True, max_age=300)
def sheet(request: HttpRequest) -> HttpResponse:
    return _page(request, languages.SWEDISH)


@login_not_required
@require_safe
@conditional_page
@cache_control(public=True, max_age=300)
def sheet_in(request: HttpRequest, language: str) -> HttpResponse:
    return _page(request, language)


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


def _page(request: HttpRequest, language: str) -> HttpResponse:
    text = published.find(language)
    if text.language != language:
        raise Http404
    municipality = Municipality.load()
    context = document.facts(text, municipality=municipality) | {
        "version": _version(language, municipality),
        "available": published.available(),
    }
    return render(request, "sheet/page.html", context)


def _version(language: str, municipality: Municipality) -> SheetVersion | None:
    """A sheet that cannot be printed can still be read here."""
    try:
        return actions.current(language, municipality=municipality)
    except pdf.CannotRender as error:
        log.error("sheet_not_rendered", error=type(error).__name__)
        return None

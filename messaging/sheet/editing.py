"""Informationsbladets text: written, seen as it will be, and approved by a colleague."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from messaging.sheet import actions, document, published
from messaging.sheet.forms import SheetTextForm
from messaging.sheet.models import SheetText
from messaging.wording import editing
from messaging.wording.actions import Refused
from messaging.wording.editing import OneText
from staff.http import UserRequest
from staff.models import Municipality
from web import languages
from web.htmx import page_or_partial


@require_safe
def sheet_texts(request: UserRequest) -> TemplateResponse:
    editing.require_writer(request)
    sheets = [_sheet(language.code) for language in languages.ALL]
    behind = [sheet.language for sheet in sheets if sheet.is_behind(_sheet(languages.SWEDISH))]
    return TemplateResponse(request, "sheet/texts.html", {"sheets": sheets, "behind": behind})


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_text(request: UserRequest, language: str) -> HttpResponse:
    editing.require_writer(request)
    sheet = _sheet(language)
    form = _form(request, sheet)
    sent = request.method == "POST" and not _is_preview(request)
    if sent and form.is_valid() and editing.save(request, form, actions.save_draft):
        return redirect("sheet_text", language)
    return page_or_partial(
        request, "sheet/text.html", _context(request, sheet, form), partial="preview"
    )


@require_POST
def sheet_text_pdf(request: UserRequest, language: str) -> HttpResponse:
    """What is typed, as it would be printed."""
    editing.require_writer(request)
    sheet = _sheet(language)
    form = _form(request, sheet)
    if form.is_valid():
        try:
            _html, rendered = actions.draw(form.typed(), by=request.user)
        except Refused as refused:
            form.refuse(refused.problems)
        else:
            disposition = f'inline; filename="{_("utkast")}.pdf"'
            return HttpResponse(
                rendered,
                content_type="application/pdf",
                headers={"Content-Disposition": disposition},
            )
    return TemplateResponse(request, "sheet/text.html", _context(request, sheet, form))


@require_POST
def move_sheet_text(request: UserRequest, version_id: int, to: str) -> HttpResponse:
    editing.require_writer(request)
    version = get_object_or_404(SheetText, pk=version_id)
    editing.move(request, version, to, submit=actions.submit, publish=actions.publish)
    return redirect("sheet_text", version.language)


def _form(request: UserRequest, sheet: OneText[SheetText]) -> SheetTextForm:
    data = request.POST if request.method == "POST" else None
    return SheetTextForm(data, shown=sheet.shown, seen_edits=sheet.seen_edits)


def _is_preview(request: UserRequest) -> bool:
    return "preview" in request.POST or request.htmx.target == "preview"


def _context(
    request: UserRequest, sheet: OneText[SheetText], form: SheetTextForm
) -> dict[str, object]:
    typed = form.typed()
    return {
        "text": sheet,
        "form": form,
        "preview": document.fragment(typed, municipality=Municipality.load()),
        "problems": typed.problems().get("body", []),
        "is_behind": sheet.is_behind(_sheet(languages.SWEDISH)),
        "may_publish": editing.may_publish(sheet, request.user),
        "move_url": "move_sheet_text",
    }


def _sheet(language: str) -> OneText[SheetText]:
    if language not in languages.BY_CODE:
        raise Http404
    published.find(language)  # what came with the product is the first version
    return editing.one_text(SheetText(language=language, body=published.find().body))

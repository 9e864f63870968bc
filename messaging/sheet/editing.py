"""Informationsbladets text: written, seen as it will be, and approved by a colleague."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from messaging.sheet import actions, document, published
from messaging.sheet.forms import SheetTextForm
from messaging.sheet.models import SheetText
from messaging.wording import actions as wording
from messaging.wording import difference, permissions
from messaging.wording.actions import Refused
from messaging.wording.states import OPEN, VersionState
from messaging.wording.versions import NotAllowed
from staff.http import UserRequest
from staff.models import Municipality
from web import languages
from web.htmx import page_or_partial


@dataclass(frozen=True)
class Sheet:
    """What there is in one language."""

    language: languages.Language
    used: SheetText | None
    open: SheetText | None

    @property
    def shown(self) -> SheetText:
        """What one goes on writing from."""
        swedish = published.find()
        begun = SheetText(language=self.language.code, body=swedish.body)
        return self.open or self.used or begun


@require_safe
def sheet_texts(request: UserRequest) -> TemplateResponse:
    _require_writer(request)
    sheets = [_sheet(language.code) for language in languages.ALL]
    return TemplateResponse(request, "sheet/texts.html", {"sheets": sheets})


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_text(request: UserRequest, language: str) -> HttpResponse:
    _require_writer(request)
    sheet = _sheet(language)
    form = _form(request, sheet)
    sent = request.method == "POST" and not _is_preview(request)
    if sent and form.is_valid() and _save(request, sheet, form):
        return redirect("sheet_text", language)
    return page_or_partial(
        request, "sheet/text.html", _context(request, sheet, form), partial="preview"
    )


@require_POST
def sheet_text_pdf(request: UserRequest, language: str) -> HttpResponse:
    """What is typed, as it would be printed."""
    _require_writer(request)
    sheet = _sheet(language)
    form = _form(request, sheet)
    if form.is_valid():
        try:
            _html, rendered = actions.draw(_typed(sheet, form), by=request.user)
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
    """To a colleague, back again, published, or an earlier version as a new draft."""
    _require_writer(request)
    version = get_object_or_404(SheetText, pk=version_id)
    moves: dict[str, tuple[Callable[..., object], str]] = {
        "vantar": (wording.submit, _("Texten väntar på att en kollega godkänner den.")),
        "utkast": (wording.take_back, _("Texten är ett utkast igen.")),
        "publicerad": (actions.publish, _("Bladet är publicerat. Det gäller från och med nu.")),
        "igen": (wording.restore, _("Den tidigare texten är nu ett utkast.")),
    }
    if to not in moves:
        raise Http404
    move, done = moves[to]
    try:
        move(version=version, by=request.user)
    except Refused as refused:
        for sentence in chain.from_iterable(refused.problems.values()):
            messages.error(request, sentence)
    except NotAllowed:
        messages.error(request, _changed_meanwhile())
    else:
        messages.success(request, done)
    return redirect("sheet_text", version.language)


def _save(request: UserRequest, sheet: Sheet, form: SheetTextForm) -> bool:
    try:
        actions.save_draft(
            draft=_typed(sheet, form),
            seen_edits=form.cleaned_data["seen_edits"] or 0,
            by=request.user,
        )
    except Refused as refused:
        form.refuse(refused.problems)
    except NotAllowed:
        form.add_error(None, _changed_meanwhile())
    else:
        messages.success(request, _("Utkastet är sparat. Det gäller först när det är godkänt."))
        return True
    return False


def _form(request: UserRequest, sheet: Sheet) -> SheetTextForm:
    data = request.POST if request.method == "POST" else None
    return SheetTextForm(data, shown=sheet.shown, seen_edits=sheet.open.edits if sheet.open else 0)


def _typed(sheet: Sheet, form: SheetTextForm) -> SheetText:
    return SheetText(language=sheet.language.code, body=form.cleaned_data["body"])


def _is_preview(request: UserRequest) -> bool:
    return "preview" in request.POST or request.htmx.target == "preview"


def _context(request: UserRequest, sheet: Sheet, form: SheetTextForm) -> dict[str, object]:
    body = form.data.get("body", "") if form.is_bound else sheet.shown.body
    seen = SheetText(language=sheet.language.code, body=body)
    waiting = sheet.open if sheet.open and sheet.open.state == VersionState.WAITING else None
    old = sheet.used.body if sheet.used else ""
    return {
        "sheet": sheet,
        "form": form,
        "preview": document.fragment(seen, municipality=Municipality.load()),
        "problems": seen.problems().get("body", []),
        "waiting": waiting,
        "may_publish": waiting is not None and permissions.may_publish(request.user, waiting),
        "difference": difference.between(old, waiting.body) if waiting else [],
        "history": SheetText.objects.filter(language=sheet.language.code)
        .exclude(state__in=sorted(OPEN))
        .select_related("written_by", "published_by")
        .order_by("-version"),
    }


def _sheet(language: str) -> Sheet:
    if language not in languages.BY_CODE:
        raise Http404
    used = published.find(language)
    return Sheet(
        language=languages.named(language),
        used=used if used.language == language else None,
        open=SheetText.objects.filter(language=language, state__in=sorted(OPEN)).first(),
    )


def _changed_meanwhile() -> str:
    return _("Någon annan har ändrat texten sedan du öppnade sidan. Öppna sidan igen.")


def _require_writer(request: UserRequest) -> None:
    if not permissions.may_write_texts(request.user):
        raise Http404

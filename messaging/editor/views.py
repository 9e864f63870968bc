"""Mallar: what is said in SMS, e-mail and welcomes, written by one and approved by another."""

from itertools import chain

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from messaging.editor import actions, overview, preview, touched
from messaging.editor.forms import TextForm
from messaging.wording import editing, in_use
from messaging.wording.editing import OneText
from messaging.wording.models import Text
from staff.http import UserRequest
from web import languages
from web.htmx import page_or_partial


@require_safe
def texts(request: UserRequest) -> TemplateResponse:
    editing.require_writer(request)
    return TemplateResponse(request, "texts/texts.html", {"kinds": overview.by_kind()})


@require_http_methods(["GET", "HEAD", "POST"])
def text(request: UserRequest, kind: str, medium: str, language: str) -> HttpResponse:
    editing.require_writer(request)
    one = _text(kind, medium, language)
    data = request.POST if request.method == "POST" else None
    form = TextForm(data, shown=one.shown, seen_edits=one.seen_edits)
    if _is_sent(request) and form.is_valid() and editing.save(request, form):
        return redirect("text", kind, medium, language)
    if "replace" in request.POST:
        form.replace_costly()
        messages.info(request, _("Tecknen är utbytta. Inget är sparat än."))
    return page_or_partial(
        request, "texts/text.html", _context(request, one, form), partial="preview"
    )


@require_POST
def move_text(request: UserRequest, text_id: int, to: str) -> HttpResponse:
    editing.require_writer(request)
    version = get_object_or_404(Text, pk=text_id)
    editing.move(request, version, to, publish=actions.publish)
    return redirect("text", version.kind, version.medium, version.language)


def _is_sent(request: UserRequest) -> bool:
    """To be kept: not only to be seen, or mended."""
    only_seen = "preview" in request.POST or request.htmx.target == "preview"
    return request.method == "POST" and not only_seen and "replace" not in request.POST


def _context(request: UserRequest, one: OneText[Text], form: TextForm) -> dict[str, object]:
    typed = form.typed()
    return {
        "text": one,
        "form": form,
        "preview": preview.of(typed, by=request.user),
        "problems": list(chain.from_iterable(typed.problems().values())),
        "is_behind": one.is_behind(_text(typed.kind, typed.medium, languages.SWEDISH)),
        "touches": touched.in_words(typed, used=one.used),
        "may_publish": editing.may_publish(one, request.user),
        "move_url": "move_text",
        "is_live": request.htmx.target == "preview",
    }


def _text(kind: str, medium: str, language: str) -> OneText[Text]:
    if (kind, medium) not in overview.there() or language not in languages.BY_CODE:
        raise Http404
    swedish = in_use.find(kind, medium)
    in_use.find(kind, medium, language)  # what came with the product is the first version
    key = {"kind": kind, "medium": medium, "language": language}
    return editing.one_text(Text(**key, **swedish.content))

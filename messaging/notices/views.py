"""Utkorg: what a person would have received. Only in the demo, where everybody is invented."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from messaging.notices import outbox as outbox_folder
from messaging.notices.outbox import Sent
from messaging.wording import sms_length
from staff import permissions
from staff.http import UserRequest

PER_PAGE = 50


@require_safe
def outbox(request: UserRequest) -> TemplateResponse:
    _require_demo(request)
    page = Paginator(outbox_folder.read(), PER_PAGE).get_page(request.GET.get("sida"))
    return TemplateResponse(request, "notices/outbox.html", {"page": page})


@require_safe
def outbox_item(request: UserRequest, slug: str) -> TemplateResponse:
    sent = _get_sent(request, slug)
    length = sms_length.count(sent.text) if sent.is_sms else None
    return TemplateResponse(request, "notices/outbox_item.html", {"sent": sent, "length": length})


@require_safe
def outbox_attachment(request: UserRequest, slug: str) -> HttpResponse:
    attachment = _get_sent(request, slug).attachment
    if attachment is None:
        raise Http404
    disposition = content_disposition_header(as_attachment=False, filename=attachment.name)
    return HttpResponse(
        attachment.content,
        content_type=attachment.type,
        headers={"Content-Disposition": disposition or "inline"},
    )


def _get_sent(request: UserRequest, slug: str) -> Sent:
    _require_demo(request)
    sent = outbox_folder.find(slug)
    if sent is None:
        raise Http404
    return sent


def _require_demo(request: UserRequest) -> None:
    if not settings.DEMO or not permissions.works_here(request.user):
        raise Http404

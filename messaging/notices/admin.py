from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from messaging.notices.models import Notice, NoticeEvent
from persons import access_log
from persons.models import AccessLogEntry
from web import dates
from web.read_only_admin import ReadOnlyAdmin


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """What became of each notice, without address or text. Every look is logged."""

    list_display = (
        "number",
        "kind",
        "channel",
        "person_number",
        "state",
        "created_at",
        "settled_at",
    )
    list_filter = ("state", "channel", "kind")
    list_select_related = ("person",)
    ordering = ("-pk",)
    fields = (
        "person_number", "kind", "channel", "state", "last_code", "attempt", "created_at",
        "not_before", "settled_at", "moves",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("nummer"), ordering="pk")
    def number(self, notice: Notice) -> int:
        return notice.pk

    @admin.display(description=_("person"))
    def person_number(self, notice: Notice) -> str:
        """Never a name, and no link: an administrator has no part in the case."""
        return _("Person %(number)d") % {"number": notice.person_id}

    @admin.display(description=_("händelser"))
    def moves(self, notice: Notice) -> str:
        events = notice.events.order_by("at", "pk")
        lines = ((_in_words(event),) for event in events)
        return format_html_join(mark_safe("<br>"), "{}", lines)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            shown: ChangeList = response.context_data["cl"]
            access_log.record_list(request, {notice.person for notice in shown.result_list})  # type: ignore[arg-type]
        return response

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        notice = super().get_object(request, object_id, from_field)
        if notice:
            access_log.record_outside(request, AccessLogEntry.Action.VIEW, notice.person)  # type: ignore[arg-type]
        return notice


def _in_words(event: NoticeEvent) -> str:
    code = f" ({event.code})" if event.code else ""
    return f"{dates.moment_in_words(event.at)}: {event.get_to_state_display()}{code}"

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from messaging.notices.models import Notice, NoticeEvent
from persons import access_log
from persons.models import AccessLogEntry


class NoticeEventInline(admin.TabularInline):  # type: ignore[type-arg]
    model = NoticeEvent
    fields = ("at", "from_state", "to_state", "code")
    readonly_fields = fields
    ordering = ("at", "pk")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Notice)
class NoticeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What became of each notice, without address or text. Every look is logged."""

    list_display = ("pk", "kind", "channel", "person_number", "state", "created_at", "settled_at")
    list_filter = ("state", "channel", "kind")
    list_select_related = ("person",)
    ordering = ("-pk",)
    fields = (
        "person_number", "kind", "channel", "state", "last_code", "attempt", "created_at",
        "not_before", "settled_at",
    )  # fmt: skip
    readonly_fields = fields
    inlines = (NoticeEventInline,)

    @admin.display(description=_("person"))
    def person_number(self, notice: Notice) -> str:
        """Never a name, and no link: an administrator has no part in the case."""
        return _("Person %(number)d") % {"number": notice.person_id}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            shown: ChangeList = response.context_data["cl"]
            access_log.record_list(request, {notice.person for notice in shown.result_list})  # type: ignore[arg-type]
        return response

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        notice = super().get_object(request, object_id, from_field)
        if notice:
            access_log.record(request, AccessLogEntry.Action.VIEW, notice.person)  # type: ignore[arg-type]
        return notice

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

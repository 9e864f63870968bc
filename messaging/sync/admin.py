from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from messaging.sync.models import SyncRun


@admin.register(SyncRun)
class SyncRunAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The ledger is read, never written: the run itself is the only pen."""

    list_display = (
        "local_date", "state", "started_at", "finished_at", "done_count", "refused_count", "error",
    )  # fmt: skip
    list_filter = ("state",)
    ordering = ("-local_date",)
    exclude = ("lease_until",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

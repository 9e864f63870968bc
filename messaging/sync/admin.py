from django.contrib import admin

from messaging.sync.models import SyncRun
from web.read_only_admin import ReadOnlyAdmin


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    """The ledger is read, never written: the run itself is the only pen."""

    list_display = (
        "local_date", "state", "started_at", "finished_at", "done_count", "refused_count",
        "set_aside_count", "left_count", "error",
    )  # fmt: skip
    list_filter = ("state",)
    ordering = ("-local_date",)
    exclude = ("lease_until",)

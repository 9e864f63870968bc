from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from onboarding.imports.models import ImportRun
from web.read_only_admin import ReadOnlyAdmin


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = (
        "created_at", "state", "created_by", "row_count", "new_count", "changed_count",
        "error_count",
    )  # fmt: skip
    list_filter = ("state",)
    list_select_related = ("created_by",)
    ordering = ("-pk",)
    fields = (
        "state", "created_at", "created_by", "applied_by", "finished_at", "row_count", "new_count",
        "changed_count", "unchanged_count", "error_count", "marked_count", "digest", "page",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("sida"))
    def page(self, run: ImportRun) -> str:
        return format_html('<a href="{}">{}</a>', run.get_absolute_url(), _("Öppna importen"))

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from messaging.municipality.models import SettingsChange
from staff.models import Municipality
from web.read_only_admin import ReadOnlyAdmin


@admin.register(SettingsChange)
class SettingsChangeAdmin(ReadOnlyAdmin):
    list_display = ("at", "by", "what")
    list_select_related = ("by",)
    ordering = ("-pk",)
    fields = ("at", "by", "old_and_new")
    readonly_fields = fields

    @admin.display(description=_("vad"))
    def what(self, change: SettingsChange) -> str:
        return ", ".join(_label(name) for name in change.changes)

    @admin.display(description=_("före och efter"))
    def old_and_new(self, change: SettingsChange) -> str:
        lines = ((_label(name), old, new) for name, (old, new) in change.changes.items())
        return format_html_join(mark_safe("<br>"), "{}: ”{}” → ”{}”", lines)


def _label(name: str) -> str:
    """A setting that is no more keeps its name in the code."""
    labels = {f.name: str(f.verbose_name) for f in Municipality._meta.concrete_fields}
    return labels.get(name, name)

from django.contrib import admin

from onboarding.retention.models import Disposal
from web.read_only_admin import ReadOnlyAdmin


@admin.register(Disposal)
class DisposalAdmin(ReadOnlyAdmin):
    list_display = ("at", "by", "policy", "persons")
    list_select_related = ("by",)
    ordering = ("-pk",)
    fields = ("at", "by", "policy", "persons", "rows", "run")
    readonly_fields = fields

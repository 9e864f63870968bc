from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from persons.admin import AboutAPersonAdmin
from persons.models import Protection
from relations.models import Relation


@admin.register(Relation)
class RelationAdmin(AboutAPersonAdmin):
    """Between whom, by number. Logged as a look at the principal, whose relation it is."""

    way = "principal"
    list_display = ("person_number", "representative_number", "state", "valid_until")
    fields = (
        "person_number", "representative_number", "role", "basis", "state", "usable_from",
        "valid_from", "valid_until", "created_by", "created_at", "page",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("företräds av"))
    def representative_number(self, relation: Relation) -> str:
        return _("Person %(number)d") % {"number": relation.representative_id}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.filter(representative__protection=Protection.NONE)

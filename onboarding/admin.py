from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from onboarding import history
from persons.admin import AboutAPersonAdmin
from persons.models import PersonEvent


@admin.register(PersonEvent)
class PersonEventAdmin(AboutAPersonAdmin):
    """That something happened, not what it was before and after."""

    list_display = ("at", "person_number", "what", "by")
    list_select_related = ("person", "by")
    fields = ("at", "person_number", "what", "fields_changed", "by", "page")
    readonly_fields = fields

    @admin.display(description=_("händelse"))
    def what(self, event: PersonEvent) -> str:
        return history.in_words().get(event.kind, event.kind)

    @admin.display(description=_("ändrade fält"))
    def fields_changed(self, event: PersonEvent) -> str:
        return ", ".join(sorted(event.changes))

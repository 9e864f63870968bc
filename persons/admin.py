"""Persons as administrators see them: by number, read-only, and every look is logged.

An administrator has no part in a case. Names, numbers and contact details are on the real page,
which is not there for who has none.
"""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from persons import access_log, identity_number
from persons.models import (
    AccessLogEntry,
    Case,
    EmergencyAccess,
    EServiceAccount,
    NamedAccess,
    Person,
    Protection,
)
from staff.http import UserRequest
from web import clock
from web.keyset_list import KeysetChangeList
from web.read_only_admin import ReadOnlyAdmin


class AboutAPersonAdmin(ReadOnlyAdmin):
    """Rows about a person. Search by what the law allows: identity number and case number."""

    way = "person"
    shows_protected = False
    change_list_template = "admin/keyset_list.html"
    list_per_page = 50
    show_full_result_count = False
    sortable_by = ()
    search_fields = ("identity_number__exact", "cases__number__exact")
    search_help_text = _("Sök på hela personnumret eller hela ärendenumret.")

    def person_of(self, row: Any) -> Person:
        person: Person = getattr(row, self.way) if self.way else row
        return person

    @admin.display(description=_("person"))
    def person_number(self, row: Any) -> str:
        return _("Person %(number)d") % {"number": self.person_of(row).pk}

    @admin.display(description=_("sida"))
    def page(self, row: Any) -> str:
        address = self.person_of(row).get_absolute_url()
        return format_html('<a href="{}">{}</a>', address, _("Öppna, om du arbetar med ärendet"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if self.way:
            rows = rows.select_related(self.way)
        if self.shows_protected:
            return rows
        return rows.filter(**{self._of_person("protection"): Protection.NONE})

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[KeysetChangeList]:
        return KeysetChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not (term := search_term.strip()):
            return queryset, False
        # Each on its own index; together they would be on none.
        found = {*Case.objects.filter(number=term).values_list("person_id", flat=True)}
        found |= {*_with_number(term).values_list("pk", flat=True)}
        return queryset.filter(**{self._of_person("pk__in"): found}), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """A search comes by POST: an identity number belongs in no address."""
        asked = {name: value for name, value in request.GET.items() if name != "q"}
        if request.method == "POST":
            asked = {"q": request.POST.get("q", "")}
        request.GET = QueryDict(urlencode(asked))
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            self._log(request, response.context_data["cl"])  # type: ignore[arg-type]
        return response

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row:
            access_log.record_outside(request, AccessLogEntry.Action.VIEW, self.person_of(row))  # type: ignore[arg-type]
        return row

    def _log(self, request: UserRequest, shown: KeysetChangeList) -> None:
        persons = {self.person_of(row) for row in shown.result_list}
        if shown.query:
            access_log.record_search(request, persons, reason="number")
        else:
            access_log.record_list(request, persons)

    def _of_person(self, lookup: str) -> str:
        return f"{self.way}__{lookup}" if self.way else lookup


def _with_number(typed: str) -> QuerySet[Person]:
    try:
        number = identity_number.parse(typed, today=clock.today())
    except identity_number.InvalidIdentityNumber:
        return Person.objects.none()
    return Person.objects.filter(identity_number=number)


@admin.register(Person)
class PersonAdmin(AboutAPersonAdmin):
    way = ""
    list_display = ("person_number", "created_at")
    fields = ("person_number", "case_numbers", "created_at", "page")
    readonly_fields = fields

    @admin.display(description=_("ärenden"))
    def case_numbers(self, person: Person) -> str:
        return ", ".join(person.cases.order_by("pk").values_list("number", flat=True))


@admin.register(Case)
class CaseAdmin(AboutAPersonAdmin):
    list_display = ("number", "person_number", "unit", "closed_on")
    list_select_related = ("person", "unit")
    fields = (
        "number", "person_number", "unit", "case_worker", "support_contact",
        "investigation_opened_on", "decided_on", "executed_on", "closed_on", "page",
    )  # fmt: skip
    readonly_fields = fields


@admin.register(EServiceAccount)
class EServiceAccountAdmin(AboutAPersonAdmin):
    list_display = ("person_number", "state", "usable_from", "version")
    fields = (
        "person_number", "state", "usable_from", "messages_enabled", "notify_by_sms",
        "notify_by_email", "version", "sent_version", "synced_version", "switched_on_by",
        "switched_on_at", "page",
    )  # fmt: skip
    readonly_fields = fields


@admin.register(NamedAccess)
class NamedAccessAdmin(AboutAPersonAdmin):
    """Whom it names, not why: reasons are about the person."""

    shows_protected = True
    list_display = ("person_number", "user", "valid_from", "valid_until")
    list_select_related = ("person", "user")
    fields = ("person_number", "user", "valid_from", "valid_until", "granted_by", "granted_at")
    readonly_fields = fields


@admin.register(EmergencyAccess)
class EmergencyAccessAdmin(AboutAPersonAdmin):
    list_display = ("person_number", "user", "opened_at", "open_until", "reviewed_at")
    list_select_related = ("person", "user")
    fields = ("person_number", "user", "opened_at", "open_until", "reviewed_by", "reviewed_at")
    readonly_fields = fields

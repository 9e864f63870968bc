"""The admin's list a page at a time by key: no count and no offset, whatever the number of rows."""

from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest

BEFORE = "fore"


class KeysetChangeList(ChangeList):
    next_before: int | None = None

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        lookups: dict[str, Any] = super().get_filters_params(params)
        lookups.pop(BEFORE, None)
        return lookups

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        return ["-pk"]

    def get_results(self, request: HttpRequest) -> None:
        rows = self.queryset
        before = request.GET.get(BEFORE, "")
        if before.isascii() and before.isdigit() and len(before) < 19:
            rows = rows.filter(pk__lt=int(before))
        one_more = list(rows[: self.list_per_page + 1])
        self.result_list = one_more[: self.list_per_page]
        if len(one_more) > self.list_per_page:
            self.next_before = self.result_list[-1].pk
        self.result_count = len(self.result_list)
        self.full_result_count = None
        self.show_full_result_count = self.show_admin_actions = False
        self.can_show_all = self.multi_page = False

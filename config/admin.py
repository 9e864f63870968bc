from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from staff import permissions


class AdminSite(admin.AdminSite):
    """Where administrators work. Others do not learn that it exists."""

    site_header = _("Administration")
    site_title = _("Administration")
    index_title = _("Administration")
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        return permissions.may_administer(request.user)

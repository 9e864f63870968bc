from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from staff import permissions


class AdminSite(admin.AdminSite):
    """Where administrators work. Others do not learn that it exists."""

    site_header = _("Administration")
    site_title = _("Administration")
    index_title = _("Administration")
    site_url = "/"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return permissions.may_administer(request.user)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        open_to_administrators = super().admin_view(view, cacheable)

        @wraps(open_to_administrators)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            return open_to_administrators(request, *args, **kwargs)

        return guarded

    @method_decorator(login_not_required)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one way in: the same as for everybody."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def logout(  # type: ignore[override]  # no page of its own
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_logout", preserve_request=True)

"""What is asked of whoever comes, before any view answers."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from staff import asking, second_factor, sessions

# Where one gets a second factor, and what these pages ask for.
SET_UP = {"mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_reauthenticate"}

GetResponse = Callable[[HttpRequest], HttpResponse]


class SessionLimitMiddleware:
    """Signs out whoever has been away for too long, and notes who is there."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: sessions.View, *_arguments: Any) -> None:
        if not request.user.is_authenticated:
            return
        if sessions.seconds_left(request.session) <= 0:
            _sign_out(request, f"{_why_over(request)} {_('Logga in så kommer du tillbaka hit.')}")
        elif sessions.is_attended(view):
            sessions.keep(request.session)


class ProviderMiddleware:
    """Signs out whoever the municipality's provider has closed, at the next thing they do."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: sessions.View, *_arguments: Any) -> None:
        # What the page itself asks for shows nothing about anybody.
        if not request.user.is_authenticated or not sessions.is_attended(view):
            return
        if code := asking.why_over(request):
            _sign_out(request, f"{_why_closed(code)} {_('Logga in så kommer du tillbaka hit.')}")


class SignInMiddleware(LoginRequiredMiddleware):
    """Closed by default. After sign-in one comes back to the page, whatever was asked for there."""

    def handle_no_permission(  # type: ignore[override]  # the stubs know of no response
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponse:
        return redirect_to_login(_page(request))


class SecondFactorMiddleware:
    """With a password alone one gets a second factor, and nothing else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, *_arguments: Any
    ) -> HttpResponse | None:
        if _is_public(view) or not _lacks_second_factor(request):
            return None
        if second_factor.is_set_up(request.user):  # type: ignore[arg-type]  # has been let in
            _sign_out(request, _("Du är utloggad. Logga in med ditt andra steg också."))
            return redirect_to_login(_page(request))
        match = request.resolver_match
        return None if match and match.view_name in SET_UP else redirect("mfa_index")


def _is_public(view: Any) -> bool:
    return not getattr(view, "login_required", True)


def _lacks_second_factor(request: HttpRequest) -> bool:
    asked = settings.SECOND_FACTOR_REQUIRED and request.user.is_authenticated
    return asked and not second_factor.was_shown(request)


def _sign_out(request: HttpRequest, words: str) -> None:
    logout(request)
    messages.info(request, words)


def _why_over(request: HttpRequest) -> str:
    if sessions.whole_left(request.session) <= 0:
        hours = settings.SESSION_COOKIE_AGE // 3600
        return ngettext(
            "Du är utloggad. En inloggning gäller i %(count)d timme.",
            "Du är utloggad. En inloggning gäller i %(count)d timmar.",
            hours,
        ) % {"count": hours}
    minutes = settings.SESSION_IDLE_SECONDS // 60
    return ngettext(
        "Du är utloggad. Det har gått %(count)d minut sedan du gjorde något.",
        "Du är utloggad. Det har gått %(count)d minuter sedan du gjorde något.",
        minutes,
    ) % {"count": minutes}


def _why_closed(code: str) -> str:
    if code == asking.SILENT:
        return _("Du är utloggad. Kommunens inloggning svarar inte.")
    return _("Du är utloggad. Din inloggning hos kommunen gäller inte längre.")


def _page(request: HttpRequest) -> str:
    """The page that somebody looks at: what was asked for may be a part of it, or the way on."""
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        return str(request.htmx.current_url_abs_path or "/")  # type: ignore[attr-defined]
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    referrer = urlsplit(request.headers.get("Referer", ""))
    if referrer.netloc != request.get_host():
        return "/"
    return urlunsplit(("", "", referrer.path, referrer.query, ""))

"""Around sign-in: how long it lasts, the second factor, and what the sign-in page wears."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_safe

from staff import second_factor, sessions
from staff.models import Municipality

_YEAR = 365 * 24 * 60 * 60


@login_not_required
@sessions.unattended
@require_http_methods(["GET", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """How many seconds are left. A POST is somebody who answers that they are there."""
    if not request.user.is_authenticated:
        return JsonResponse({"seconds": 0, "may_stay": False})
    if request.method == "POST":
        sessions.keep(request.session)
    left = sessions.seconds_left(request.session)
    return JsonResponse(
        {"seconds": int(left), "may_stay": left < sessions.whole_left(request.session)}
    )


class ActivateApp(ActivateTOTPView):  # type: ignore[misc]  # allauth has no types
    """Whoever sets up a second factor has shown it by that."""

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        if Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP).exists():
            return redirect("mfa_index")
        return super().dispatch(request, *args, **options)

    def form_valid(self, form: Any) -> Any:
        response = super().form_valid(form)
        second_factor.record(self.request, Authenticator.Type.TOTP)
        return response


class AddKey(AddWebAuthnView):  # type: ignore[misc]
    """As above."""

    def form_valid(self, form: Any) -> Any:
        response = super().form_valid(form)
        second_factor.record(self.request, Authenticator.Type.WEBAUTHN)
        return response


activate_totp = ActivateApp.as_view()
add_webauthn = AddKey.as_view()


@login_not_required
@require_safe
def colour(request: HttpRequest) -> HttpResponse:
    """A stylesheet, because the content security policy allows no style in the page."""
    municipality = Municipality.load()
    css = (
        f":root{{--municipality-colour:{municipality.colour};"
        f"--municipality-text:{municipality.text_colour()}}}"
    )
    return _cached(request, HttpResponse(css, content_type="text/css; charset=utf-8"))


@login_not_required
@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    municipality = Municipality.load()
    if not municipality.logo:
        raise Http404
    response = HttpResponse(bytes(municipality.logo), content_type=municipality.logo_type)
    return _cached(request, response)


def _cached(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """For a year when the address says which version; a new version has a new address."""
    if "v" in request.GET:
        patch_cache_control(response, public=True, max_age=_YEAR, immutable=True)
    return response

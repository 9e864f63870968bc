"""The municipality's colour and logo: public, because the sign-in page wears them too."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from staff.models import Municipality

_YEAR = 365 * 24 * 60 * 60


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

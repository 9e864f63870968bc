import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseLocation

log = structlog.get_logger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestLogMiddleware:
    """One line per request that names the view, never the address: addresses carry ids."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = time.monotonic()
        response = self.get_response(request)
        match = request.resolver_match
        log.info(
            "request",
            method=request.method,
            view=match.view_name if match else None,
            status=response.status_code,
            milliseconds=round((time.monotonic() - start) * 1000),
        )
        return response


class HtmxRedirectMiddleware:
    """A POST redirects; for htmx the redirect becomes a page change."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.htmx and response.status_code == 302:  # type: ignore[attr-defined]
            return HttpResponseLocation(response.headers["Location"])
        return response


class PrivatePageMiddleware:
    """What a signed-in person sees stays in no cache: the computer may be shared."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        # What everyone may see says so itself: the colour, the logo, the information sheet.
        if "public" not in response.get("Cache-Control", ""):
            add_never_cache_headers(response)
        return response

import time
from collections.abc import Callable
from ipaddress import ip_address

import structlog
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseLocation

log = structlog.get_logger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]


class ClientAddressMiddleware:
    """Who asked, also behind proxies: sign-in limits and the access log need the real address.

    What stands further to the left than the trusted proxies wrote can be anybody's invention.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if address := _address_before_proxies(request):
            request.META["REMOTE_ADDR"] = address
        return self.get_response(request)


def _address_before_proxies(request: HttpRequest) -> str | None:
    """None where the header is missing, too short or no address: then it did not pass them all."""
    passed = request.headers.get("X-Forwarded-For", "").split(",")
    if not 0 < settings.TRUSTED_PROXIES <= len(passed):
        return None
    try:
        return str(ip_address(passed[-settings.TRUSTED_PROXIES].strip()))
    except ValueError:
        return None


class ReadableAddressMiddleware:
    """PostgreSQL fails on NUL wherever it is asked about it, and no link of ours has it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("NUL in the address")
        return self.get_response(request)


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

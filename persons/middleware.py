from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from persons import access_log


class AccessLogMiddleware:
    """Nobody looks at a person without being written down: then the page is closed for a while."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, access_log.NotWritten):
            return None
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "60"})

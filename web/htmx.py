from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers


def page_or_partial(
    request: HttpRequest, template: str, context: dict[str, Any], *, partial: str
) -> TemplateResponse:
    """Render the page, or only `partial` when htmx targets the element with that id."""
    if request.htmx.target == partial:  # type: ignore[attr-defined]  # set by django-htmx
        template = f"{template}#{partial}"
    response = TemplateResponse(request, template, context)
    patch_vary_headers(response, ("HX-Request", "HX-Target"))
    return response

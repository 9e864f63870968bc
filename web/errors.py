from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is too old, or comes from another site: say so in Swedish, and change nothing."""
    return render(request, "403_csrf.html", status=403)

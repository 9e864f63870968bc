from django.conf import settings
from django.http import HttpRequest

from web import clock


def demo(request: HttpRequest) -> dict[str, object]:
    """Whether this is the demo, and what its clock says."""
    return {"demo": settings.DEMO, "demo_now": clock.now() if settings.DEMO else None}

from celery import shared_task
from django.core.management import call_command


@shared_task
def clear_sessions() -> None:
    """Those that nobody comes back to: whoever closes the browser signs out nowhere."""
    call_command("clearsessions")

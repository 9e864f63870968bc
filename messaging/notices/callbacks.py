"""Where providers call back. Nobody signs in here: each call proves itself, or changes nothing."""

from uuid import UUID

import structlog
from anymail.exceptions import AnymailWebhookValidationFailure
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from messaging.notices import reports, sms
from messaging.notices.sms.base import Callback, Forged

log = structlog.get_logger(__name__)

# A report is some hundred bytes.
LONGEST = 16 * 1024


@csrf_exempt
@login_not_required
@require_POST
def sms_callback(request: HttpRequest, gateway: str, ref: UUID) -> HttpResponse:
    """204 also for a notice that is not there: the provider has done its part."""
    called = sms.named(gateway)
    if called is None:
        raise Http404
    body = request.read(LONGEST + 1)
    if len(body) > LONGEST:
        return HttpResponse(status=413)
    try:
        receipt = called.parse_callback(_callback(request, ref, body))
    except Forged:
        log.warning("callback refused")
        return HttpResponse(status=403)
    reports.receive(called.name, ref, receipt)
    return HttpResponse(status=204)


def _callback(request: HttpRequest, ref: UUID, body: bytes) -> Callback:
    return Callback(
        # Never build_absolute_uri(): what the host is called is the caller's word.
        url=settings.PUBLIC_BASE_URL + request.get_full_path(),
        reference=str(ref),
        fields=QueryDict(body).dict(),
        headers=request.headers,
    )


# Scaleway and a plain SMTP relay tell nothing.
EMAIL_PROVIDERS = {
    "brevo": "anymail.webhooks.brevo.BrevoTrackingWebhookView",
    "mailjet": "anymail.webhooks.mailjet.MailjetTrackingWebhookView",
}


@csrf_exempt
@login_not_required
@require_POST
def email_callback(request: HttpRequest, provider: str) -> HttpResponse:
    """Only the provider that is in use, and only with a secret: Anymail would do without."""
    view = EMAIL_PROVIDERS.get(provider)
    if view is None or not settings.EMAIL_WEBHOOK_SECRETS or not _sends_our_email(provider):
        raise Http404
    try:
        response: HttpResponse = import_string(view).as_view()(request)
    except AnymailWebhookValidationFailure:
        log.warning("callback refused")
        return HttpResponse(status=403)
    return response


def _sends_our_email(provider: str) -> bool:
    backend: str = settings.EMAIL_BACKEND
    return backend.startswith(f"anymail.backends.{provider}.")

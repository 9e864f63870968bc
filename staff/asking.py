"""Asking the provider again while a session lasts: is the account open, and in which groups?

A provider that tells by itself (Back-Channel Logout) need not be asked. Entra ID never tells.
"""

from datetime import datetime

import structlog
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from requests import RequestException

from staff import actions, oidc
from staff.models import GroupMapping, ProviderSession
from web import clock

log = structlog.get_logger(__name__)

SILENT = "provider_silent"
_NONCE = "provider_nonce"


def begin(request: HttpRequest, login: SocialLogin) -> None:
    """Keep what to ask with. The nonce in the session says that there is somebody to ask."""
    if not settings.OIDC_ASK_AGAIN_SECONDS:
        return
    request.session[_NONCE] = login.state["nonce"]
    request.session.save()  # a new one has no row yet to refer to
    now = clock.machine_now()
    ProviderSession.objects.create(
        session_id=str(request.session.session_key),
        account=login.account,
        refresh_token=login.token.token_secret,
        asked_at=now,
        answered_at=now,
    )


def why_over(request: HttpRequest) -> str:
    """Why the session ends now, as a code. Empty: it goes on."""
    if not settings.OIDC_ASK_AGAIN_SECONDS or _NONCE not in request.session:
        return ""
    now, held = clock.machine_now(), _held(request).first()
    if held and not held.is_to_be_asked(now=now):
        return ""
    code = _ask(request, now=now)
    if code:
        log.warning("session ended by provider", code=code, user=request.user.pk)
    return code


def _held(request: HttpRequest) -> QuerySet[ProviderSession]:
    """None when an administrator has ended the link, or when there is another issuer now."""
    return ProviderSession.objects.filter(
        session=request.session.session_key, account__provider=settings.OIDC_ISSUER
    )


@transaction.atomic
def _ask(request: HttpRequest, *, now: datetime) -> str:
    """A code, and no exception: roles that have ended must stay so.

    The row is the lock while we wait for the provider. A refresh token may be good once only: of
    two tabs the second waits, and finds that the first has asked.
    """
    held = _held(request).select_for_update(of=("self",)).select_related("account__user").first()
    if held is None:
        return "not_known"
    if not held.is_to_be_asked(now=now):
        return ""
    held.asked_at = now
    try:
        said = _answer(request, held)
    except oidc.Refused as refusal:
        return str(refusal)
    except RequestException as error:
        log.warning("provider gave no answer", error=type(error).__name__)
    else:
        held.answered_at = now
        actions.follow_groups(user=held.account.user, groups=said.groups)
        if not GroupMapping.objects.of(said.groups).exists():
            return "no_group"
    held.save(update_fields=["refresh_token", "asked_at", "answered_at"])
    return "" if held.is_believed(now=now) else SILENT


def _answer(request: HttpRequest, held: ProviderSession) -> oidc.Claims:
    adapter = oidc.Adapter(request)
    answer = oidc.spend(adapter, held.refresh_token)
    # Kept whatever else is wrong with the answer: the old one may be worthless now.
    held.refresh_token = adapter.parse_token(answer).token_secret or held.refresh_token
    return oidc.claims_again(
        adapter, answer, subject=held.account.uid, nonce=request.session[_NONCE]
    )

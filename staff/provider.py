"""Signing in and out by the municipality's identity provider (OpenID Connect)."""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

import jwt
import structlog
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

from staff import actions, oidc, signin

log = structlog.get_logger(__name__)

_callback = OAuth2CallbackView.adapter_view(oidc.Adapter)
View = Callable[..., HttpResponse]


def where_there_is_one(view: View) -> View:
    """Without a provider in the settings these addresses lead nowhere."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        if not settings.OIDC_ISSUER:
            raise Http404
        return view(request, *args, **options)

    return guarded


@login_not_required
@where_there_is_one
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sends the browser to the provider, with a number that must stand in the answer."""
    provider = get_adapter().get_provider(request, settings.OIDC_ISSUER)
    provider.oauth2_adapter_class = oidc.Adapter
    nonce = secrets.token_urlsafe(32)
    try:
        response: HttpResponse = provider.redirect(
            request,
            AuthProcess.LOGIN,
            next_url=get_next_redirect_url(request),
            auth_params=oidc.question(nonce),
            nonce=nonce,
            end_session=oidc.end_session_address(request),
        )
    except RequestException:
        return signin.refuse(request, "provider_unreachable")
    return response


@login_not_required
@where_there_is_one
@require_safe
def answer(request: HttpRequest) -> HttpResponse:
    response: HttpResponse = _callback(request)
    return response


@csrf_exempt
@login_not_required
@where_there_is_one
@require_POST
def signed_out(request: HttpRequest) -> HttpResponse:
    """The provider tells, machine to machine, that somebody has been signed out or closed there."""
    try:
        token = request.POST.get("logout_token", "")
        subject, number = oidc.signed_out_subject(token, oidc.Adapter(request).openid_config)
    except (jwt.PyJWTError, RequestException) as error:
        log.warning("sign-out by provider refused", code=type(error).__name__)
        return HttpResponse(status=400)
    if not cache.add(f"oidc-signed-out:{number}", value=True, timeout=oidc.LOGOUT_IS_FRESH):
        return HttpResponse(status=400)
    for account in SocialAccount.objects.filter(provider=settings.OIDC_ISSUER, uid=subject):
        actions.end_sessions(user=account.user)
    return HttpResponse()

"""The municipality's identity provider: what it says about who signs in, and how that is proved."""

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from requests import RequestException

from staff import cipher

# Those with a key pair alone: what is public must not be able to sign.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
CLOCKS_DIFFER = 60  # seconds
LOGOUT_IS_FRESH = 300  # seconds
# What a provider says of an account that is closed, or that has to sign in again.
OVER = {"invalid_grant", "interaction_required", "login_required"}
SIGNED_OUT = "http://schemas.openid.net/event/backchannel-logout"

_CONFIGURATION = "oidc-configuration:"
FOR_ASKING = "asking the provider"  # what a refresh token is encrypted for


class Refused(Exception):
    """The provider's word is not good. The code says why, and nothing about whom."""


@dataclass(frozen=True)
class Claims:
    """What the provider has said about one sign-in."""

    id_token: dict[str, Any]
    userinfo: dict[str, Any]

    @property
    def groups(self) -> set[str]:
        value = self.get(settings.OIDC_GROUP_CLAIM) or []
        return {value} if isinstance(value, str) else {str(group) for group in value}

    @property
    def email(self) -> str:
        return str(self.get("email") or "").lower()

    @property
    def has_unchecked_email(self) -> bool:
        return self.get("email_verified") is False

    @property
    def has_second_factor(self) -> bool:
        """Only the signed token is asked: it is about this sign-in."""
        methods = self.id_token.get("amr") or []
        shown = {methods} if isinstance(methods, str) else set(methods)
        is_in_class = self.id_token.get("acr") in settings.OIDC_MFA_ACR
        return is_in_class or bool(shown & set(settings.OIDC_MFA_AMR))

    def get(self, name: str) -> Any:
        return self.id_token.get(name, self.userinfo.get(name))


class Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """allauth trusts the connection; we read the signature too.

    The provider's name is its issuer, so that accounts are stored under that: the same `sub` from
    another issuer is somebody else.
    """

    def __init__(self, request: HttpRequest, provider_id: str = "") -> None:
        super().__init__(request, provider_id or settings.OIDC_ISSUER)

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return request.build_absolute_uri(reverse("oidc_answer"))

    @property
    def openid_config(self) -> dict[str, Any]:
        """Asked for once in five minutes, by all processes together."""
        found: dict[str, Any] | None = cache.get(_CONFIGURATION + settings.OIDC_ISSUER)
        if found is None:
            found = super().openid_config
            cache.set(_CONFIGURATION + settings.OIDC_ISSUER, found, timeout=300)
        return found

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        """Encrypted at once: a sign-in that waits for a second factor lies in the session."""
        token = super().parse_token(data)
        if token.token_secret:
            token.token_secret = cipher.encrypt(token.token_secret, purpose=FOR_ASKING)
        return token

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        try:
            return verified(id_token, self.openid_config["jwks_uri"], require=["exp", "sub"])
        except jwt.PyJWTError as error:
            raise OAuth2Error(type(error).__name__) from error

    def _fetch_user_info(self, access_token: str) -> dict[str, Any]:
        found: dict[str, Any] = super()._fetch_user_info(access_token)
        if not found.get("sub"):
            raise OAuth2Error("userinfo is about nobody")
        return found


def question(nonce: str) -> dict[str, str]:
    """What the provider is asked besides who it is."""
    wanted = " ".join(settings.OIDC_MFA_ACR)
    return {"nonce": nonce} | ({"acr_values": wanted} if wanted else {})


def end_session_address(request: HttpRequest) -> str:
    """Where one signs out at the provider. Empty where a form of ours may not lead there."""
    address = str(Adapter(request).openid_config.get("end_session_endpoint") or "")
    return address if _origin(address) == _origin(settings.OIDC_ISSUER) else ""


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def claims(login: SocialLogin) -> Claims:
    """Refuses what is not the answer to the question that this browser asked."""
    said = login.account.extra_data
    id_token, userinfo = said.get("id_token"), said.get("userinfo") or {}
    if not id_token:
        raise Refused("no_id_token")
    if not login.state.get("nonce") or id_token.get("nonce") != login.state["nonce"]:
        raise Refused("wrong_nonce")
    if userinfo.get("sub", id_token["sub"]) != id_token["sub"]:
        raise Refused("wrong_subject")
    return Claims(id_token, userinfo)


def spend(adapter: Adapter, refresh_token: str) -> dict[str, Any]:
    """What the provider gives for it. No answer, or one that says nothing, is a RequestException.

    allauth's client knows the code of a sign-in alone.
    """
    client_id, secret = settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET
    said = {
        "grant_type": "refresh_token",
        "refresh_token": cipher.decrypt(refresh_token, purpose=FOR_ASKING),
    }
    if not adapter.basic_auth:
        said |= {"client_id": client_id, "client_secret": secret}
    with get_adapter().get_requests_session() as http:
        response = http.post(
            adapter.access_token_url,
            data=said,
            auth=(client_id, secret) if adapter.basic_auth else None,
        )
        answer: dict[str, Any] = response.json()
    if answer.get("error") in OVER:
        raise Refused(answer["error"])
    response.raise_for_status()
    return answer


def claims_again(adapter: Adapter, answer: dict[str, Any], *, subject: str, nonce: str) -> Claims:
    """As at sign-in, but the token may be missing, or its nonce (OpenID Connect Core 1.0, 12.2)."""
    try:
        id_token, userinfo = _read(adapter, answer)
    except OAuth2Error as error:
        if isinstance(error.__cause__, jwt.PyJWKClientConnectionError):
            raise RequestException from error  # its keys could not be fetched
        raise Refused(str(error)) from error
    if {said["sub"] for said in (id_token, userinfo) if said} != {subject}:
        raise Refused("wrong_subject")
    if id_token.get("nonce", nonce) != nonce:
        raise Refused("wrong_nonce")
    return Claims(id_token, userinfo)


def _read(adapter: Adapter, answer: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    token = answer.get("id_token")
    id_token = adapter._decode_id_token(None, token) if token else {}
    if settings.OIDC_GROUP_CLAIM in id_token:
        return id_token, {}
    return id_token, adapter._fetch_user_info(answer["access_token"])


def signed_out_subject(token: str, configuration: dict[str, Any]) -> tuple[str, str]:
    """Whom the provider has signed out, and its message's number (Back-Channel Logout 1.0, 2.6)."""
    said = verified(token, configuration["jwks_uri"], require=["iat", "jti", "sub", "events"])
    is_old = time.time() - said["iat"] > LOGOUT_IS_FRESH
    is_about_sign_out = isinstance(said["events"], dict) and SIGNED_OUT in said["events"]
    if is_old or not is_about_sign_out or "nonce" in said:
        raise jwt.InvalidTokenError("not a fresh message about signing out")
    return str(said["sub"]), str(said["jti"])


def verified(token: str, jwks_uri: str, *, require: list[str]) -> dict[str, Any]:
    """From our provider, to us, now, and signed."""
    said: dict[str, Any] = jwt.decode(
        token,
        _signing_key(token, _keys(jwks_uri)).key,
        algorithms=ALGORITHMS,
        audience=settings.OIDC_CLIENT_ID,
        issuer=settings.OIDC_ISSUER,
        leeway=CLOCKS_DIFFER,
        options={"require": ["iss", "aud", *require]},
    )
    return said


@lru_cache(maxsize=8)
def _keys(jwks_uri: str) -> jwt.PyJWKClient:
    """Asks again after five minutes, and when a new key has been used."""
    return jwt.PyJWKClient(jwks_uri, timeout=settings.SOCIALACCOUNT_REQUESTS_TIMEOUT)


def _signing_key(token: str, keys: jwt.PyJWKClient) -> jwt.PyJWK:
    if kid := jwt.get_unverified_header(token).get("kid"):
        return keys.get_signing_key(kid)
    # A provider with one key need not name it.
    found = keys.get_signing_keys()
    if len(found) != 1:
        raise jwt.InvalidTokenError("the key is not named")
    return found[0]

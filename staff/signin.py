"""Who is let in: by the municipality's identity provider, or in reserve by a password here."""

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import structlog
from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from staff import actions, asking, oidc, second_factor
from staff.models import GroupMapping, User
from web import typed_text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

log = structlog.get_logger(__name__)

_WAIT = _("Du har försökt för många gånger. Vänta en stund och försök igen.")
_END_SESSION = "provider_end_session"
# The provider knows who it is, but there is no work for them here. The rest is trouble on the way.
NO_ACCESS = {"no_group", "no_email", "email_taken"}


def refuse(request: HttpRequest, code: str) -> HttpResponse:
    """The same page for all who have no access: it tells nobody which accounts there are."""
    log.warning("sign-in refused", code=code)
    context = {"has_no_access": code in NO_ACCESS}
    return render(request, "account/refused.html", context, status=403)


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody signs up: administrators add those who work here, or the provider's groups do."""

    # The library's Swedish blames; ours says what to do.
    error_messages: "dict[str, StrOrPromise]" = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "E-postadressen och lösenordet hör inte ihop. Kontrollera båda och försök igen."
        ),
        "incorrect_password": _("Lösenordet stämmer inte. Kontrollera det och försök igen."),
        "too_many_login_attempts": _WAIT,
        "rate_limited": _WAIT,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **options: object) -> bool:
        """Whoever has just signed in has just shown who they are."""
        records = get_authentication_records(self.request, self.request.user)
        timeout = app_settings.REAUTHENTICATION_TIMEOUT
        return not records or time.time() - records[-1]["at"] > timeout

    def post_login(
        self, request: HttpRequest, user: User, *, signal_kwargs: Any, **options: Any
    ) -> HttpResponse:
        login = (signal_kwargs or {}).get("sociallogin")
        if login:
            request.session[_END_SESSION] = login.state.get("end_session")
            asking.begin(request, login)
            if oidc.claims(login).has_second_factor:
                second_factor.record(request, "provider")
        response: HttpResponse = super().post_login(
            request, user, signal_kwargs=signal_kwargs, **options
        )
        return response

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Out at the provider too. No token goes along: it names people, and addresses are kept."""
        home = reverse("account_login")
        if address := request.session.get(_END_SESSION):
            back = {
                "client_id": settings.OIDC_CLIENT_ID,
                "post_logout_redirect_uri": settings.PUBLIC_BASE_URL + home,
            }
            return f"{address}?{urlencode(back)}"
        return home


class GroupGate(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """In through the provider comes who is in a group that is in our table, and nobody else."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The one in the settings: a row in the database must not open another door."""
        app = SocialApp(
            provider="openid_connect",
            provider_id=settings.OIDC_ISSUER,
            client_id=settings.OIDC_CLIENT_ID,
            secret=settings.OIDC_CLIENT_SECRET,
            settings={
                "server_url": settings.OIDC_ISSUER.rstrip("/"),
                "scope": settings.OIDC_SCOPES,
                "oauth_pkce_enabled": True,
            },
        )
        is_asked_for = provider in {None, app.provider, app.provider_id}
        return [app] if settings.OIDC_ISSUER and is_asked_for else []

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        try:
            _pass_the_gate(request, sociallogin)
        except oidc.Refused as refusal:
            raise ImmediateHttpResponse(refuse(request, str(refusal))) from refusal

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return GroupMapping.objects.of(oidc.claims(sociallogin).groups).exists()

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Any) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        user.email = user.email.lower()
        # Nobody can be asked to write it again.
        user.first_name, user.last_name = map(typed_text.seen, (user.first_name, user.last_name))
        return user

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        user: User = super().save_user(request, sociallogin, form)
        actions.follow_groups(user=user, groups=oidc.claims(sociallogin).groups)
        return user

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None,
        extra_context: Any = None,
    ) -> None:  # fmt: skip
        code = type(exception).__name__ if exception else str(error)
        raise ImmediateHttpResponse(refuse(request, code))


def _pass_the_gate(request: HttpRequest, login: SocialLogin) -> None:
    said = oidc.claims(login)
    if login.is_existing:
        # Also for who is then refused: groups that are gone have nothing left here.
        actions.follow_groups(user=login.user, groups=said.groups)
    if not GroupMapping.objects.of(said.groups).exists():
        raise oidc.Refused("no_group")
    if settings.OIDC_ASK_AGAIN_SECONDS and not login.token.token_secret:
        raise oidc.Refused("no_refresh_token")
    if not login.is_existing:
        _meet(request, login, said)


def _meet(request: HttpRequest, login: SocialLogin, said: oidc.Claims) -> None:
    """Someone whom we have not seen before. An address is no proof: whoever could choose it at the
    provider would take over the account here. So an administrator must have allowed the link.
    """
    if not said.email:
        raise oidc.Refused("no_email")
    user = User.objects.filter(email=said.email).first()
    if user:
        with transaction.atomic():
            if said.has_unchecked_email or not actions.use_permission_to_link(user=user):
                raise oidc.Refused("email_taken")
            user.refresh_from_db()  # allauth saves all of it
            login.connect(request, user)
            actions.follow_groups(user=user, groups=said.groups)

"""The provider is asked again while a session lasts."""

import json
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.db import connection
from django.test import Client

from staff import cipher, oidc
from staff.models import GroupMapping, ProviderSession, Role, User
from tests.factories import MembershipFactory, UnitFactory, UserFactory
from tests.staff.at_the_provider import (
    GROUP,
    KARIN,
    OTHER_GROUP,
    SIGN_IN,
    SIGN_OUT,
    knows,
    roles,
    sign_in,
)
from web import clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mapping")]

CLOSED = "Du är utloggad. Din inloggning hos kommunen gäller inte längre."
MINUTES = timedelta(minutes=14)
SILENT = "Du är utloggad. Kommunens inloggning svarar inte."


@pytest.fixture
def karin(client, provider) -> Client:
    sign_in(client, provider)
    return client


@pytest.fixture
def after():
    """Moves the clock: `after(seconds=61)` is 61 seconds after sign-in."""
    start = clock.machine_now()
    with time_machine.travel(start) as traveller:
        yield lambda **time: traveller.move_to(start + timedelta(**time))


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def token() -> str:
    held = ProviderSession.objects.get()
    return cipher.decrypt(held.refresh_token, purpose=oidc.FOR_ASKING)


def says(provider, **configuration) -> None:
    """What the provider tells of itself, as it is remembered for five minutes."""
    key = oidc._CONFIGURATION + provider.url
    cache.set(key, cache.get(key) | configuration)


class TestWhoIsStillThere:
    def test_is_asked_about_once_a_minute(self, karin, after):
        tokens = []
        for seconds in (59, 61, 100, 125, 190):
            after(seconds=seconds)
            assert is_in(karin)
            tokens.append(token())

        assert len(dict.fromkeys(tokens)) == 4
        assert tokens[1] == tokens[2]

    def test_is_not_asked_about_by_a_page_that_asks_how_long_is_left(self, karin, after):
        spent = token()
        after(seconds=61)

        karin.get("/konto/session/")

        assert token() == spent

    def test_keeps_the_token_when_the_provider_gives_no_new_one(self, karin, provider, after):
        after(seconds=61)
        provider.behaves(leaves_out=["refresh_token"])
        # The provider has made another one all the same, and spent this.
        spent = token()

        assert is_in(karin)
        assert token() == spent

    def test_may_be_asked_about_with_a_password_in_the_header(self, karin, provider, after):
        says(provider, token_endpoint_auth_methods_supported=["client_secret_basic"])
        after(seconds=61)

        assert is_in(karin)


class TestWhoIsClosedThere:
    def test_is_out_at_the_next_request_and_comes_back_to_the_page(self, karin, provider, after):
        provider.closes(KARIN)
        after(seconds=61)

        response = karin.get("/synkning/", follow=True)

        assert response.redirect_chain == [(f"{SIGN_IN}?next=/synkning/", 302)]
        assert CLOSED in response.content.decode()
        assert "så kommer du tillbaka hit" in response.content.decode()
        assert "_auth_user_id" not in karin.session
        assert not ProviderSession.objects.exists()

    def test_changes_nothing_with_a_form(self, karin, provider, after):
        provider.closes(KARIN)
        after(seconds=61)

        karin.post("/installningar/mina/", {"first_name": "Någon annan"})

        assert User.objects.get().first_name == "Karin"

    def test_is_closed_in_one_browser_when_only_its_token_is_worthless(
        self, karin, provider, after
    ):
        ProviderSession.objects.update(
            refresh_token=cipher.encrypt("spent", purpose=oidc.FOR_ASKING)
        )
        other = Client()
        sign_in(other, provider)
        after(seconds=61)

        assert [is_in(karin), is_in(other)] == [False, True]

    def test_is_nobody_with_a_local_account(self, client, provider, after):
        provider.behaves(status=503)
        client.force_login(UserFactory(role=Role.SYSTEM_ADMIN))
        after(minutes=20)

        assert is_in(client)

    def test_is_who_has_no_link_any_more(self, karin, after):
        SocialAccount.objects.all().delete()
        after(seconds=61)

        assert not is_in(karin)

    def test_is_closed_once_the_municipality_has_another_provider(self, karin, settings):
        settings.OIDC_ISSUER = "https://the-new-one.example"

        assert not is_in(karin)


class TestAnotherGroup:
    def test_is_another_role_at_the_next_request(self, karin, provider, after):
        team = UnitFactory(name="Stödteamet")
        GroupMapping.objects.create(group=OTHER_GROUP, role=Role.SUPPORT_CONTACT, unit=team)
        knows(provider, groups=[OTHER_GROUP])
        after(seconds=61)

        assert is_in(karin)
        assert roles(User.objects.get()) == [(Role.SUPPORT_CONTACT, "Stödteamet")]

    @pytest.mark.parametrize("groups", [["Alla anställda"], [], None])
    def test_that_is_none_of_ours_ends_the_session_and_the_roles(
        self, karin, provider, after, unit, groups
    ):
        user = User.objects.get()
        MembershipFactory(user=user, unit=unit, role=Role.LOG_REVIEWER, valid_from=clock.today())
        knows(provider, groups=groups)
        after(seconds=61)

        assert not is_in(karin)
        assert roles(user) == [(Role.LOG_REVIEWER, "Vuxenenheten")]

    def test_is_read_from_userinfo_when_there_is_no_new_id_token(self, karin, provider, after):
        provider.behaves(leaves_out=["id_token"])
        after(seconds=61)
        assert is_in(karin)
        knows(provider, groups=[])
        after(seconds=122)

        assert not is_in(karin)


class TestAProviderThatDoesNotAnswer:
    def test_is_believed_for_fifteen_minutes_after_its_last_answer(self, karin, provider, after):
        provider.behaves(status=503)

        for minutes in (2, 8, 14):
            after(minutes=minutes)
            assert is_in(karin)
        after(minutes=16)
        response = karin.get("/", follow=True)

        assert SILENT in response.content.decode()
        assert not is_in(karin)

    def test_is_not_believed_by_who_has_been_away_for_longer(self, karin, provider, after):
        provider.behaves(status=503)
        after(minutes=16)

        assert not is_in(karin)

    def test_is_asked_once_a_minute_at_most(self, karin, provider, after):
        provider.behaves(status=503)
        after(seconds=61)
        karin.get("/")
        provider.behaves()
        spent = token()
        after(seconds=100)
        karin.get("/")
        assert token() == spent
        after(seconds=122)

        karin.get("/")

        assert token() != spent

    @pytest.mark.parametrize("address", ["token_endpoint", "jwks_uri"])
    def test_costs_nobody_the_session_when_it_comes_back(self, karin, provider, after, address):
        right = cache.get(oidc._CONFIGURATION + provider.url)[address]
        says(provider, **{address: "http://127.0.0.1:9/"})
        after(seconds=61)
        assert is_in(karin)
        says(provider, **{address: right})
        after(seconds=122)

        assert is_in(karin)
        assert ProviderSession.objects.get().is_believed(now=clock.machine_now() + MINUTES)


class TestAnAnswerThatIsNotGood:
    @pytest.mark.parametrize(
        "claims",
        [
            {"iss": "https://another.example"},
            {"aud": "another-client"},
            {"exp": 1_700_000_000},
            {"nonce": "another"},
        ],
        ids=lambda claims: next(iter(claims)),
    )
    def test_ends_the_session(self, karin, provider, after, claims):
        knows(provider, groups=[GROUP], **claims)
        after(seconds=61)

        assert not is_in(karin)

    @pytest.mark.parametrize("leaves_out", [[], ["id_token"]])
    def test_ends_the_session_when_it_is_about_somebody_else(
        self, karin, provider, after, leaves_out
    ):
        SocialAccount.objects.update(uid="somebody-else")
        provider.behaves(leaves_out=leaves_out)
        after(seconds=61)

        assert not is_in(karin)


class TestTheToken:
    def test_is_nowhere_but_encrypted_in_the_database(self, karin, provider, after, caplog):
        first = token()
        after(seconds=61)
        karin.get("/")
        with connection.cursor() as cursor:
            cursor.execute("SELECT refresh_token FROM staff_providersession")
            stored = cursor.fetchone()[0]

        for spent in (first, token()):
            said = [stored, json.dumps(dict(karin.session)), str(karin.cookies), caplog.text]
            assert [place for place in said if spent in place] == []

    def test_is_encrypted_too_while_a_second_factor_is_waited_for(self, karin, provider):
        knows(provider, groups=[GROUP], amr=["pwd"])
        TOTP.activate(User.objects.get(), generate_totp_secret())
        other = Client()

        sign_in(other, provider)

        waiting = other.session["account_login"]["signal_kwargs"]["sociallogin"]["token"]
        assert cipher.decrypt(waiting["token_secret"], purpose=oidc.FOR_ASKING)

    def test_goes_with_the_session(self, karin):
        karin.post(SIGN_OUT)

        assert not ProviderSession.objects.exists()

    def test_is_needed_to_get_in(self, client, provider, caplog):
        provider.behaves(leaves_out=["refresh_token"])

        assert sign_in(client, provider).status_code == 403
        assert "no_refresh_token" in caplog.text
        assert not User.objects.exists()

    def test_is_not_kept_where_nobody_asks(self, client, provider, settings, after):
        settings.OIDC_ASK_AGAIN_SECONDS = 0
        sign_in(client, provider)
        provider.closes(KARIN)
        after(minutes=20)

        assert is_in(client)
        assert not ProviderSession.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_tabs_do_not_spend_the_token_twice(karin, provider, after):
    after(seconds=61)
    provider.behaves(seconds=0.3)  # so long that the second comes meanwhile
    at_once, found = Barrier(2), []

    def ask() -> None:
        tab = Client()
        tab.cookies = karin.cookies
        at_once.wait()
        found.append(is_in(tab))
        connection.close()

    tabs = [Thread(target=ask) for _ in range(2)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()

    assert found == [True, True]
    after(seconds=122)
    assert is_in(karin)

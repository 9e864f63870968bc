"""Signing in at a real OpenID provider, which is a process of its own."""

import base64
import json
import re
import time
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount, SocialApp
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from django.urls import reverse

from staff import oidc
from staff.models import GroupMapping, Membership, Role, User
from tests.factories import MembershipFactory, UnitFactory, UserFactory
from tests.signing_in import code
from tests.staff.at_the_provider import (
    EMAIL,
    GROUP,
    KARIN,
    OTHER_GROUP,
    SIGN_IN,
    SIGN_OUT,
    knows,
    question,
    roles,
    sign_in,
)
from web import clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mapping")]

NO_ACCESS = "Du har inte tillgång till Meddelanden"
FAILED = "Inloggningen gick inte igenom"
SET_UP = "/konto/tva-steg/"


def in_base64(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")


class TestSomebodyInAGroupOfOurs:
    def test_gets_in_with_the_role_and_the_unit_of_the_group(self, client, provider, unit):
        response = sign_in(client, provider)

        assert response.url == "/"
        karin = User.objects.get(email=EMAIL)
        assert roles(karin) == [(Role.CASE_WORKER, "Vuxenenheten")]
        assert str(karin) == "Karin Ek"
        assert not karin.has_usable_password()
        assert client.get("/").status_code == 200

    def test_comes_back_to_the_page(self, client, provider):
        assert sign_in(client, provider, page="/synkning/").url == "/synkning/"

    def test_is_never_sent_to_another_site(self, client, provider):
        assert sign_in(client, provider, page="https://evil.example/").url == "/"

    def test_is_the_same_person_next_time_whatever_the_address(self, client, provider):
        sign_in(client, provider)
        knows(provider, groups=[GROUP], email="karin.ny@soderkoping.example")

        sign_in(Client(), provider)

        assert User.objects.count() == 1

    def test_is_somebody_else_when_another_issuer_uses_the_same_name(
        self, client, provider, settings
    ):
        sign_in(client, provider)
        SocialAccount.objects.update(provider="https://the-old-one.example")

        assert NO_ACCESS in sign_in(Client(), provider).content.decode()

    def test_gets_the_role_of_each_group(self, client, provider, unit):
        team = UnitFactory(name="Stödteamet")
        GroupMapping.objects.create(group=OTHER_GROUP, role=Role.SUPPORT_CONTACT, unit=team)
        knows(provider, groups=[GROUP, OTHER_GROUP, "Alla anställda"])

        sign_in(client, provider)

        assert roles(User.objects.get()) == [
            (Role.CASE_WORKER, "Vuxenenheten"), (Role.SUPPORT_CONTACT, "Stödteamet"),
        ]  # fmt: skip

    def test_may_have_a_single_group_and_another_name_for_the_claim(
        self, client, provider, settings
    ):
        settings.OIDC_GROUP_CLAIM = "roll"
        knows(provider, roll=GROUP)

        assert sign_in(client, provider).url == "/"

    def test_is_asked_for_with_pkce_and_a_nonce_and_nothing_that_the_browser_adds(
        self, client, provider, settings
    ):
        settings.OIDC_MFA_ACR = ["loa3"]

        address = reverse("oidc_sign_in") + "?auth_params=prompt%3Dnone&scope=admin"
        asked = parse_qs(urlsplit(client.post(address).url).query)

        assert asked["code_challenge_method"] == ["S256"]
        assert len(asked["nonce"][0]) > 30
        assert asked["acr_values"] == ["loa3"]
        assert "prompt" not in asked
        assert "admin" not in asked["scope"][0]


class TestASecondFactorAtTheProvider:
    @pytest.mark.parametrize("claims", [{"amr": ["pwd", "mfa"]}, {"amr": [], "acr": "loa3"}])
    def test_is_as_good_as_ours(self, client, provider, settings, claims):
        settings.OIDC_MFA_ACR = ["loa3"]
        knows(provider, groups=[GROUP], **claims)

        sign_in(client, provider)

        assert client.get("/").status_code == 200

    @pytest.mark.parametrize(
        "claims", [{"amr": ["pwd"]}, {"amr": None}, {"acr": "loa2", "amr": []}]
    )
    def test_that_was_not_shown_is_set_up_here(self, client, provider, settings, claims):
        settings.OIDC_MFA_ACR = ["loa3"]
        knows(provider, groups=[GROUP], **claims)

        sign_in(client, provider)

        assert client.get("/").url == SET_UP

    def test_that_is_set_up_here_is_asked_for_after_the_provider(self, client, provider):
        knows(provider, groups=[GROUP], amr=["pwd"])
        sign_in(client, provider)
        secret = generate_totp_secret()
        TOTP.activate(User.objects.get(), secret)
        other = Client()

        step = sign_in(other, provider, page="/synkning/")
        answer = other.post(step.url, {"code": code(secret)})

        assert step.url == "/konto/tva-steg/logga-in/"
        assert answer.url == "/synkning/"
        assert other.get("/").status_code == 200
        assert other.post(SIGN_OUT).url.startswith(provider.url)


class TestSomebodyElse:
    @pytest.mark.parametrize("groups", [["Alla anställda"], [], None, [GROUP.lower()]])
    def test_does_not_get_in(self, client, provider, groups):
        knows(provider, groups=groups)

        response = sign_in(client, provider)

        assert response.status_code == 403
        assert NO_ACCESS in response.content.decode()
        assert not User.objects.exists()
        assert client.get("/").url.startswith(SIGN_IN)

    def test_without_an_address_does_not_get_in(self, client, provider):
        knows(provider, groups=[GROUP], email="")

        assert NO_ACCESS in sign_in(client, provider).content.decode()
        assert not User.objects.exists()

    def test_is_named_in_no_log_line(self, client, provider, caplog):
        knows(provider, groups=["Alla anställda"])

        sign_in(client, provider)

        assert "no_group" in caplog.text
        assert "Ek" not in caplog.text
        assert EMAIL not in caplog.text


class TestAnotherGroup:
    def test_is_another_role_from_the_next_sign_in(self, client, provider, unit):
        sign_in(client, provider)
        team = UnitFactory(name="Stödteamet")
        GroupMapping.objects.create(group=OTHER_GROUP, role=Role.SUPPORT_CONTACT, unit=team)
        knows(provider, groups=[OTHER_GROUP])

        sign_in(Client(), provider)

        assert roles(User.objects.get()) == [(Role.SUPPORT_CONTACT, "Stödteamet")]
        assert Membership.objects.filter(from_group=GROUP).exists()

    def test_that_is_none_of_ours_ends_all_roles_and_lets_nobody_in(self, client, provider):
        sign_in(client, provider)
        knows(provider, groups=["Alla anställda"])

        response = sign_in(Client(), provider)

        karin = User.objects.get()
        assert response.status_code == 403
        assert roles(karin) == []
        assert karin.memberships.get().valid_until == clock.today() - timedelta(days=1)

    def test_that_comes_back_gives_the_role_back(self, client, provider):
        for groups in ([GROUP], [], [GROUP]):
            knows(provider, groups=groups)
            sign_in(Client(), provider)

        assert roles(User.objects.get()) == [(Role.CASE_WORKER, "Vuxenenheten")]
        assert Membership.objects.count() == 1

    def test_leaves_alone_what_was_given_by_hand(self, client, provider, unit):
        sign_in(client, provider)
        karin = User.objects.get()
        MembershipFactory(user=karin, unit=unit, role=Role.LOG_REVIEWER, valid_from=clock.today())
        knows(provider, groups=[])

        sign_in(Client(), provider)

        assert roles(karin) == [(Role.LOG_REVIEWER, "Vuxenenheten")]

    def test_keeps_the_day_on_which_the_role_began(self, client, provider):
        sign_in(client, provider)
        Membership.objects.update(valid_from=date(2026, 1, 7))

        sign_in(Client(), provider)

        assert Membership.objects.get().valid_from == date(2026, 1, 7)


class TestAnAccountThatIsHereAlready:
    @pytest.fixture
    def local(self) -> User:
        user = UserFactory(email=EMAIL, role=Role.SYSTEM_ADMIN)
        user.set_password("rätt-lösenord-123")
        user.save()
        return user

    def test_is_not_taken_over_by_somebody_with_its_address(self, client, provider, local):
        response = sign_in(client, provider)

        assert response.status_code == 403
        assert NO_ACCESS in response.content.decode()
        assert not SocialAccount.objects.exists()

    def test_is_linked_once_when_an_administrator_has_said_so(self, client, provider, local):
        User.objects.update(may_be_linked=True)
        knows(provider, groups=[GROUP], email=EMAIL.upper())

        response = sign_in(client, provider)

        local.refresh_from_db()
        assert response.url == "/"
        assert SocialAccount.objects.get().user == local
        assert not local.may_be_linked
        assert (Role.CASE_WORKER, "Vuxenenheten") in roles(local)
        assert local.has_usable_password()

    def test_is_not_linked_a_second_time(self, client, provider, local):
        User.objects.update(may_be_linked=True)
        sign_in(client, provider)
        provider.knows("somebody-else", email=EMAIL, groups=[GROUP])

        response = client.get(provider.answer(question(Client()), "somebody-else"))

        assert response.status_code == 403

    def test_is_not_linked_by_an_address_that_the_provider_has_not_checked(
        self, client, provider, local
    ):
        User.objects.update(may_be_linked=True)
        knows(provider, groups=[GROUP], email_verified=False)

        assert sign_in(client, provider).status_code == 403


class TestWhoIsDisabledHere:
    def test_does_not_get_in(self, client, provider):
        sign_in(client, provider)
        User.objects.update(is_active=False)

        other = Client()

        assert sign_in(other, provider).url == reverse("account_inactive")
        assert other.get("/").url.startswith(SIGN_IN)

    def test_is_out_at_the_next_request(self, client, provider):
        sign_in(client, provider)
        User.objects.update(is_active=False)

        assert client.get("/").url.startswith(SIGN_IN)


class TestAnAnswerThatIsNotGood:
    @pytest.mark.parametrize(
        "claims",
        [
            {"iss": "https://another.example"},
            {"aud": "another-client"},
            {"exp": 1_700_000_000},
            {"nonce": "another"},
            {"nonce": None},
        ],
        ids=lambda claims: next(iter(claims)),
    )
    def test_lets_nobody_in(self, client, provider, claims):
        knows(provider, groups=[GROUP], **claims)

        response = sign_in(client, provider)

        assert response.status_code == 403
        assert FAILED in response.content.decode()
        assert not User.objects.exists()
        assert client.get("/").url.startswith(SIGN_IN)

    def test_is_an_answer_that_was_used_before(self, client, provider):
        answer = provider.answer(question(client), KARIN)
        client.get(answer)
        client.post(SIGN_OUT)

        assert FAILED in client.get(answer).content.decode()

    def test_is_a_code_that_was_used_before(self, client, provider):
        used = parse_qs(urlsplit(answer := provider.answer(question(client), KARIN)).query)
        client.get(answer)
        other = Client()
        state = parse_qs(urlsplit(question(other)).query)["state"][0]

        response = other.get(
            reverse("oidc_answer"),
            {"code": used["code"][0], "state": state},
        )

        assert FAILED in response.content.decode()
        assert other.get("/").url.startswith(SIGN_IN)

    def test_is_an_answer_to_another_browser(self, client, provider):
        answer = provider.answer(question(client), KARIN)

        assert FAILED in Client().get(answer).content.decode()

    def test_is_a_no(self, client, provider):
        response = client.get(provider.denial(question(client)))

        assert FAILED in response.content.decode()

    def test_is_none_at_all(self, client, provider, settings):
        settings.OIDC_ISSUER = "http://127.0.0.1:9"

        response = client.post(reverse("oidc_sign_in"))

        assert FAILED in response.content.decode()


class TestASignature:
    """What allauth does not look at when the token comes straight from the provider."""

    def claims(self, provider) -> dict[str, object]:
        now = int(time.time())
        return {"iss": provider.url, "aud": "koppla", "sub": KARIN, "exp": now + 60, "iat": now}

    def verified(self, provider, token: str):
        return oidc.verified(token, f"{provider.url}/jwks", require=["exp", "sub"])

    def test_is_good_when_it_is_the_providers(self, provider):
        claims = self.claims(provider)

        assert self.verified(provider, provider.sign(claims)) == claims

    def test_by_another_key_is_not(self, provider):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

        with pytest.raises(jwt.PyJWTError):
            self.verified(provider, jwt.encode(self.claims(provider), key, "RS256"))

    def test_that_is_missing_is_not(self, provider):
        with pytest.raises(jwt.PyJWTError):
            self.verified(provider, jwt.encode(self.claims(provider), "", "none"))

    def test_made_with_what_is_public_is_not(self, provider):
        (key,) = jwt.PyJWKClient(f"{provider.url}/jwks").get_signing_keys()
        public = key.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        header, claims = {"alg": "HS256", "typ": "JWT"}, self.claims(provider)
        parts = [in_base64(json.dumps(part).encode()) for part in (header, claims)]
        signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
        signed = signature.sign(b".".join(parts), public)
        token = b".".join([*parts, in_base64(signed)]).decode()

        with pytest.raises(jwt.PyJWTError):
            self.verified(provider, token)


class TestSigningOut:
    def test_ends_the_session_here_and_at_the_provider(self, client, provider):
        sign_in(client, provider)

        address = urlsplit(client.post(SIGN_OUT).url)

        assert f"{address.scheme}://{address.netloc}" == provider.url
        assert parse_qs(address.query) == {
            "client_id": ["koppla"],
            "post_logout_redirect_uri": [f"http://localhost:8000{SIGN_IN}"],
        }
        assert client.get("/").url.startswith(SIGN_IN)

    def test_of_a_local_account_concerns_nobody_else(self, client, provider):
        client.force_login(UserFactory())

        assert client.post(SIGN_OUT).url == SIGN_IN


class TestSignedOutByTheProvider:
    @pytest.fixture
    def karin(self, client, provider) -> User:
        sign_in(client, provider)
        return User.objects.get()

    def message(self, provider, **other) -> dict[str, object]:
        now = int(time.time())
        said = {
            "iss": provider.url, "aud": "koppla", "sub": KARIN, "iat": now, "exp": now + 60,
            "jti": str(time.time_ns()), "events": {oidc.SIGNED_OUT: {}},
        }  # fmt: skip
        return {name: value for name, value in (said | other).items() if value is not None}

    def tell(self, token: str) -> int:
        # As the provider does: without a cookie, and without our form's token.
        told = Client(enforce_csrf_checks=True).post(
            reverse("oidc_signed_out"), {"logout_token": token}
        )
        return told.status_code

    def test_is_out_at_the_next_request_in_every_browser(self, client, provider, karin):
        other = Client()
        sign_in(other, provider)

        assert self.tell(provider.sign(self.message(provider))) == 200

        for browser in (client, other):
            assert browser.get("/").url.startswith(SIGN_IN)

    def test_concerns_nobody_else(self, provider, karin):
        erik = Client()
        erik.force_login(UserFactory(role=Role.CASE_WORKER))

        self.tell(provider.sign(self.message(provider)))

        assert erik.get("/").status_code == 200

    @pytest.mark.parametrize(
        "other",
        [
            {"iss": "https://another.example"},
            {"aud": "another-client"},
            {"exp": 1_700_000_000},
            {"iat": 1_700_000_000},
            {"jti": None},
            {"sub": None},
            {"events": None},
            {"events": {"http://schemas.openid.net/event/other": {}}},
            {"events": "http://schemas.openid.net/event/backchannel-logout"},
            {"nonce": "as in a token of sign-in"},
        ],
        ids=lambda other: next(iter(other)),
    )
    def test_is_not_believed_when_anything_is_wrong(self, client, provider, karin, other):
        assert self.tell(provider.sign(self.message(provider, **other))) == 400
        assert client.get("/").status_code == 200

    @pytest.mark.parametrize("token", ["", "a.b.c", "not a token"])
    def test_is_not_believed_without_a_signature(self, client, provider, karin, token):
        assert self.tell(token) == 400
        assert client.get("/").status_code == 200

    def test_is_told_once(self, provider, karin):
        token = provider.sign(self.message(provider))

        assert [self.tell(token), self.tell(token)] == [200, 400]


class TestWithoutAProvider:
    @pytest.mark.parametrize("name", ["oidc_sign_in", "oidc_signed_out"])
    def test_there_is_nothing_to_send_to(self, client, name):
        assert client.post(reverse(name)).status_code == 404

    def test_there_is_no_answer_to_wait_for(self, client):
        answer = reverse("oidc_answer")

        assert client.get(answer).status_code == 404

    def test_a_row_in_the_database_opens_no_door(self, client):
        SocialApp.objects.create(
            provider="openid_connect", provider_id="kommunen", name="x", client_id="x"
        )

        assert client.post(reverse("oidc_sign_in")).status_code == 404

    def test_the_sign_in_page_asks_for_the_password_at_once(self, client):
        page = client.get(SIGN_IN).content.decode()

        assert "Logga in med kommunens konto" not in page
        assert "<details" not in page


class TestTheSignInPage:
    def test_offers_the_municipalitys_account_first(self, client, provider):
        page = client.get(f"{SIGN_IN}?next=/synkning/").content.decode()

        first, second = page.index("Logga in med kommunens konto"), page.index("<details")
        assert first < second < page.index('name="password"')
        assert page.count('name="next" value="/synkning/"') == 2

    def test_opens_the_reserve_when_something_is_wrong_in_it(self, client, provider):
        page = client.post(SIGN_IN, {"login": "karin"}).content.decode()

        assert re.search(r"<details[^>]* open>", page)

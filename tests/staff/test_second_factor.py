import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from staff import second_factor
from staff.models import Role, User
from tests.factories import UserFactory
from tests.signing_in import code, force_login_by_password

pytestmark = pytest.mark.django_db

PASSWORD = "rätt-lösenord-123"
SET_UP = "/konto/tva-steg/"
APP = "/konto/tva-steg/app/"
CODES = "/konto/tva-steg/reservkoder/"


@pytest.fixture(autouse=True)
def _no_code_has_been_used():
    cache.clear()


@pytest.fixture
def karin() -> User:
    user = UserFactory(role=Role.SUPPORT_CONTACT)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def secret(karin) -> str:
    """Of the app that Karin has set up before."""
    secret = generate_totp_secret()
    TOTP.activate(karin, secret)
    return secret


def give_password(client: Client, user: User, page: str = ""):
    data = {"login": user.email, "password": PASSWORD, "next": page}
    return client.post(reverse("account_login"), data)


def set_up_app(client: Client):
    client.get(APP)
    return client.post(APP, {"code": code(client.session["mfa.totp.secret"])})


class TestAPasswordAlone:
    @pytest.mark.parametrize("page", ["/", "/synkning/", "/admin/", CODES])
    def test_leads_to_setting_up_a_second_factor(self, client, karin, page):
        give_password(client, karin)

        assert client.get(page).url == SET_UP

    def test_changes_nothing(self, client, karin):
        give_password(client, karin)

        assert client.post(reverse("run_sync")).url == SET_UP

    def test_lets_an_administrator_no_further(self, client, karin):
        admin = UserFactory(role=Role.SYSTEM_ADMIN)
        force_login_by_password(client, admin)

        for page in ("/admin/", "/admin/staff/user/", "/admin/login/"):
            assert client.get(page, follow=True).redirect_chain[-1][0] == SET_UP

    @pytest.mark.parametrize("name", ["cookies", "accessibility", "sheet", "account_logout"])
    def test_shows_what_everybody_sees(self, client, karin, name):
        give_password(client, karin)

        assert client.get(reverse(name)).status_code in {200, 404}

    def test_can_sign_out(self, client, karin):
        give_password(client, karin)

        assert client.post(reverse("account_logout")).url == reverse("account_login")
        assert "_auth_user_id" not in client.session

    def test_is_enough_in_the_demo(self, client, karin, settings):
        settings.SECOND_FACTOR_REQUIRED = False
        give_password(client, karin)

        assert client.get("/").status_code == 200


class TestSettingUpAnApp:
    def test_opens_the_rest_and_shows_the_recovery_codes_once(self, client, karin):
        give_password(client, karin)

        response = set_up_app(client)

        assert response.url == CODES
        shown = client.get(CODES).content.decode()
        codes = RecoveryCodes(
            Authenticator.objects.get(user=karin, type="recovery_codes")
        ).generate_codes()
        assert all(code in shown for code in codes)
        assert client.get("/").status_code == 200
        again = client.get(CODES).content.decode()
        assert not any(code in again for code in codes)

    def test_refuses_a_wrong_code_in_words(self, client, karin):
        give_password(client, karin)
        client.get(APP)

        response = client.post(APP, {"code": "000000"})

        assert "Koden stämmer inte." in response.content.decode()
        assert not second_factor.is_set_up(karin)
        assert client.get("/").url == SET_UP

    def test_asks_for_the_code_when_it_is_missing(self, client, karin):
        give_password(client, karin)

        assert "Skriv koden." in client.post(APP).content.decode()

    def test_asks_for_the_password_again_when_that_was_long_ago(self, client, karin):
        with time_machine.travel(time.time() - 600):
            give_password(client, karin)

        again = client.get(APP).url

        assert again.startswith("/konto/losenord/")
        assert "stämmer inte" in client.post(again, {"password": "fel"}).content.decode()
        assert client.post(again, {"password": PASSWORD}).url == APP
        assert client.get(APP).status_code == 200

    def test_is_not_done_twice(self, client, karin):
        give_password(client, karin)
        set_up_app(client)

        assert client.get(APP).url == SET_UP

    def test_stores_nothing_that_makes_codes_without_the_secret_key(self, client, karin):
        give_password(client, karin)
        client.get(APP)
        secret = client.session["mfa.totp.secret"]
        client.post(APP, {"code": code(secret)})

        stored = Authenticator.objects.get(user=karin, type="totp").data["secret"]

        assert secret not in stored
        assert second_factor.Adapter().decrypt(stored) == secret

    def test_is_still_good_when_the_secret_key_has_been_changed(self, settings):
        stored = second_factor.Adapter().encrypt("JBSWY3DP")
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another"

        assert second_factor.Adapter().decrypt(stored) == "JBSWY3DP"


class TestSigningInWithAnApp:
    def test_asks_for_the_code_before_anything_is_open(self, client, karin, secret):
        response = give_password(client, karin)

        assert response.url == "/konto/tva-steg/logga-in/"
        assert client.get("/").url.startswith(reverse("account_login"))

    def test_leads_back_to_the_page(self, client, karin, secret):
        step = give_password(client, karin, page="/synkning/").url

        response = client.post(step, {"code": code(secret)})

        assert response.url == "/synkning/"
        assert client.get("/synkning/").status_code == 200

    def test_takes_a_code_once(self, client, karin, secret):
        used = code(secret)
        client.post(give_password(client, karin).url, {"code": used})

        other = Client()
        response = other.post(give_password(other, karin).url, {"code": used})

        assert "Koden stämmer inte." in response.content.decode()

    def test_takes_a_recovery_code_once(self, client, karin, secret):
        spare = RecoveryCodes.activate(karin).generate_codes()[0]

        first = client.post(give_password(client, karin).url, {"code": spare})
        other = Client()
        second = other.post(give_password(other, karin).url, {"code": spare})

        assert first.url == "/"
        assert "Koden stämmer inte." in second.content.decode()

    def test_closes_after_many_wrong_codes(self, client, karin, secret):
        step = give_password(client, karin).url
        for _ in range(5):
            client.post(step, {"code": "000000"})

        response = client.post(step, {"code": code(secret)})

        assert "försökt för många gånger" in response.content.decode()

    def test_can_be_given_up(self, client, karin, secret):
        give_password(client, karin)

        assert client.post(reverse("account_logout")).url == reverse("account_login")
        assert client.get(reverse("account_login")).status_code == 200


class TestSettingUpAKey:
    def test_asks_again_when_no_key_answered(self, client, karin):
        """Half a character that a browser never sends: it can be read, and not be shown."""
        give_password(client, karin)

        page = client.post("/konto/tva-steg/ny-nyckel/", {"credential": '"\\ud800"'})

        assert page.status_code == 200
        assert not Authenticator.objects.exists()


class TestAnotherSession:
    def test_with_the_password_alone_ends_when_a_second_factor_is_there(self, client, karin):
        thief = Client()
        give_password(thief, karin)
        give_password(client, karin)
        set_up_app(client)

        for page in (APP, "/konto/tva-steg/ny-nyckel/", "/"):
            assert thief.get(page).url.startswith(reverse("account_login"))
        assert client.get("/").status_code == 200


class TestReset:
    def test_is_done_by_an_administrator_and_ends_the_sessions(self, client, karin, secret):
        admin, hers = Client(), Client()
        hers.force_login(karin)
        admin.force_login(UserFactory(role=Role.SYSTEM_ADMIN))
        action = {"action": "reset_second_factor", "_selected_action": [karin.pk]}

        response = admin.post("/admin/staff/user/", action, follow=True)

        assert "nästa gång de loggar in" in response.content.decode()
        assert not second_factor.is_set_up(karin)
        assert hers.get("/").url.startswith(reverse("account_login"))
        give_password(client, karin)
        assert client.get("/").url == SET_UP

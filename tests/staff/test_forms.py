import pytest

from staff.forms import AddKeyForm, KeyAgainForm, KeyForm, SignInForm
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def errors(rf):
    def _errors(**data):
        return SignInForm(data, request=rf.post("/")).errors

    return _errors


class TestSignInForm:
    def test_asks_for_what_is_missing(self, errors):
        assert errors() == {
            "login": ["Skriv din e-postadress."],
            "password": ["Skriv ditt lösenord."],
        }

    def test_shows_how_an_address_is_written(self, errors):
        assert "namn@exempel.se" in errors(login="karin", password="x")["login"][0]

    def test_says_the_same_for_a_wrong_password_as_for_an_unknown_address(self, errors):
        user = UserFactory()
        user.set_password("rätt-lösenord-123")
        user.save()

        known = errors(login=user.email, password="fel")
        unknown = errors(login="ingen@exempel.se", password="fel")

        assert known == unknown
        assert "Kontrollera båda" in known["__all__"][0]

    def test_accepts_who_works_here(self, errors):
        user = UserFactory()
        user.set_password("rätt-lösenord-123")
        user.save()

        assert not errors(login=user.email, password="rätt-lösenord-123")


ANSWERS = [
    "{", "7", "[1]", '"\\ud800\\u0000"', '{"id": "AA"}', '{"id": "AA", "rawId": "AQ"}',
    '{"id": "AA", "rawId": "AA"}', '{"rawId": "AA", "response": "AA"}', '{"rawId": 7}',
    '{"rawId": "AA", "response": {"clientDataJSON": "IiI", "attestationObject": "AA"}}',
    '{"rawId": "AA", "response": {"clientDataJSON": "e30", "authenticatorData": "AA"}}',
]  # fmt: skip


class TestFormsForASecurityKey:
    @pytest.mark.parametrize("answer", ANSWERS)
    @pytest.mark.parametrize("form", [AddKeyForm, KeyForm, KeyAgainForm])
    def test_refuse_what_no_key_answers(self, form, answer):
        assert form({"credential": answer}, user=UserFactory()).errors["credential"]

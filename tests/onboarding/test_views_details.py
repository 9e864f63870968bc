from datetime import date

from django.urls import reverse

from tests.factories import RelationFactory
from tests.onboarding.conftest import person_of
from tests.pages import Page, follow, open_page


def form_of(client, person):
    address = reverse("change_details", args=[person.public_id])
    return open_page(client, address).form("Spara uppgifterna")


class TestChangeDetails:
    def test_saves_what_was_typed(self, signed_in, amina):
        page = open_page(signed_in, amina.get_absolute_url())
        assert page.link("Ändra namn, nummer eller språk")

        response = form_of(signed_in, amina).send(
            signed_in, language="ar", interpreter="arabiska", mobile="070-174 06 99"
        )

        page = follow(signed_in, response)
        assert "Uppgifterna är ändrade." in page.status
        assert "Språk i meddelanden Arabiska, tolk: arabiska" in page.words
        assert "070-174 06 99" in page.words

    def test_says_what_to_correct_and_keeps_what_was_typed(self, signed_in, amina):
        page = Page(form_of(signed_in, amina).send(signed_in, given_name="", email="amina"))

        assert set(page.errors()) == {"id_given_name", "id_email"}
        assert page.form("Spara uppgifterna").value("email") == "amina"

    def test_refuses_the_number_of_a_relation(self, signed_in, amina):
        RelationFactory(principal=amina, active=True, mobile_e164="+46701740699")

        page = Page(form_of(signed_in, amina).send(signed_in, mobile="070-174 06 99"))

        assert "Numret eller adressen är en relations." in page.words

    def test_stops_an_old_form_and_shows_what_differs(self, signed_in, amina):
        form = form_of(signed_in, amina)
        form_of(signed_in, amina).send(signed_in, given_name="Amira")

        response = form.send(signed_in, given_name="Amine")

        page = Page(response)
        assert response.status_code == 409
        assert "Förnamn Amine Amira" in page.words
        page.form("Spara mina värden").send(signed_in)
        amina.refresh_from_db()
        assert amina.given_name == "Amine"

    def test_is_not_for_protected_persons(self, signed_in, karin):
        person = person_of(karin, protected=True)

        response = signed_in.get(reverse("change_details", args=[person.public_id]))

        assert response["Location"] == person.get_absolute_url()


class TestTheNumber:
    def test_is_asked_about_after_a_year(self, signed_in, karin):
        person = person_of(karin, mobile_confirmed_on=date(2025, 10, 2))

        page = open_page(signed_in, person.get_absolute_url())
        assert "Numret bekräftades senast 2 oktober 2025. Fråga om det stämmer." in page.words
        page = follow(signed_in, page.form("Numret stämmer").send(signed_in))

        assert "Noterat: numret stämmer." in page.status
        assert "Fråga om det stämmer." not in page.words

    def test_that_has_changed_meanwhile_is_asked_about_anew(self, signed_in, amina):
        address = reverse("confirm_mobile", args=[amina.public_id])

        page = follow(signed_in, signed_in.post(address, {"number": "+46701740688"}))

        assert "Numret har ändrats." in page.status
        amina.refresh_from_db()
        assert amina.mobile_confirmed_on is None

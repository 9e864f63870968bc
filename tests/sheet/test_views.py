import re

import pytest
from django.urls import reverse

from messaging.sheet import actions
from messaging.sheet.models import SheetVersion
from staff.models import User
from tests.sheet.conftest import text_of
from tests.sheet.test_document import revealing_words


@pytest.fixture
def sheet(municipality):
    return actions.current(municipality=municipality)


@pytest.fixture
def worker(client, db):
    client.force_login(User.objects.create_user("anna@kommunen.example"))
    return client


class TestSheet:
    def test_is_open_to_everyone_and_sets_no_cookie(self, client, municipality):
        response = client.get("/informationsblad/")

        assert response.status_code == 200
        assert "Du kan logga in från dagen efter" in response.content.decode()
        assert not response.cookies

    def test_is_there_in_each_language_that_somebody_has_approved(self, client, municipality):
        page = client.get("/informationsblad/en/").content.decode()

        assert '<html lang="en" dir="ltr">' in page
        assert "How to log in" in page
        assert re.findall(r'hreflang="([^"]+)"', page) == ["sv", "sv-simple", "en"]
        assert client.get("/informationsblad/ar/").status_code == 404
        assert client.get("/informationsblad/klingon/").status_code == 404

    def test_shows_staff_no_menu_either(self, worker, municipality):
        page = worker.get(reverse("sheet")).content.decode()

        assert "anna@kommunen.example" not in page
        assert "Huvudmeny" not in page
        assert "Logga ut" not in page

    def test_has_a_neutral_title_and_no_revealing_word(self, client, municipality):
        page = client.get(reverse("sheet")).content.decode()

        title = "Så använder du e-tjänsten Meddelanden – Söderköpings kommun"
        assert f"<title>{title}</title>" in page
        assert revealing_words(page) == []

    def test_links_to_the_pdf_of_the_same_wording(self, client, sheet):
        page = client.get(reverse("sheet")).content.decode()

        assert f'href="{sheet.get_absolute_url()}"' in page

    def test_can_be_read_when_it_cannot_be_printed(self, client, municipality):
        municipality.name = "Skogens kommun 🌲"
        municipality.save()

        response = client.get(reverse("sheet"))

        assert response.status_code == 200
        assert ".pdf" not in response.content.decode()

    def test_has_no_style_of_its_own(self, client, municipality):
        """The Content-Security-Policy would stop it."""
        page = client.get(reverse("sheet")).content.decode()

        assert "<style" not in page
        assert "style=" not in page

    def test_is_kept_by_browsers_for_a_short_while(self, client, municipality):
        response = client.get(reverse("sheet"))
        again = client.get(reverse("sheet"), headers={"If-None-Match": response["ETag"]})

        assert response["Cache-Control"] == "public, max-age=300"
        assert again.status_code == 304

    def test_is_read_only(self, client, municipality):
        assert client.post(reverse("sheet")).status_code == 405


class TestSheetPdf:
    def test_is_open_to_everyone_under_a_neutral_name(self, client, sheet):
        response = client.get(sheet.get_absolute_url())

        assert response["Content-Type"] == "application/pdf"
        disposition = 'inline; filename="informationsblad-meddelanden.pdf"'
        assert response["Content-Disposition"] == disposition
        assert "Så loggar du in" in text_of(response.content)
        assert revealing_words(sheet.get_absolute_url() + text_of(response.content)) == []
        assert not response.cookies

    def test_never_changes_so_it_is_kept_for_a_year(self, client, sheet):
        response = client.get(sheet.get_absolute_url())
        again = client.get(sheet.get_absolute_url(), headers={"If-None-Match": response["ETag"]})

        assert response["ETag"] == f'"{sheet.digest}"'
        kept = set(response["Cache-Control"].split(", "))
        assert kept == {"public", "max-age=31536000", "immutable"}
        assert again.status_code == 304
        assert again.content == b""

    def test_is_kept_also_by_who_is_signed_in(self, worker, sheet):
        response = worker.get(sheet.get_absolute_url())

        assert "immutable" in response["Cache-Control"]

    @pytest.mark.parametrize("address", ["sv/2.pdf", "sv/0.pdf", "en/1.pdf", "sv/x.pdf"])
    def test_does_not_know_versions_that_were_never_made(self, client, sheet, address):
        assert client.get(f"/informationsblad/{address}").status_code == 404

    def test_still_has_the_versions_that_people_have_received(self, client, sheet, municipality):
        municipality.switchboard = "0121-182 00"
        actions.current(municipality=municipality)

        assert SheetVersion.objects.count() == 2
        assert "0121-181 00" in text_of(client.get(sheet.get_absolute_url()).content)

import pytest

from staff.models import Municipality

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n"


def change(**values):
    Municipality.load()
    Municipality.objects.update(**values)


class TestColour:
    def test_is_the_municipalitys_with_words_that_can_be_read_on_it(self, client):
        change(colour="#ffd700")

        response = client.get("/kommun/farg.css")

        assert response["Content-Type"] == "text/css; charset=utf-8"
        assert b"--municipality-colour:#ffd700" in response.content
        assert b"--municipality-text:#000000" in response.content

    def test_is_kept_for_a_year_when_the_address_says_which_version(self, client):
        cached = client.get("/kommun/farg.css?v=1")["Cache-Control"]

        assert "max-age=31536000" in cached
        assert "immutable" in cached

    def test_is_not_kept_otherwise(self, client):
        assert "max-age=31536000" not in client.get("/kommun/farg.css")["Cache-Control"]


class TestLogo:
    def test_is_the_picture_that_was_uploaded(self, client):
        change(logo=PNG, logo_type="image/png")

        response = client.get("/kommun/logotyp?v=1")

        assert response.content == PNG
        assert response["Content-Type"] == "image/png"

    def test_does_not_exist_before_it_is_uploaded(self, client):
        assert client.get("/kommun/logotyp").status_code == 404

    def test_is_shown_in_the_header(self, client):
        change(logo=PNG, logo_type="image/png", version=7)

        assert '<img src="/kommun/logotyp?v=7" alt="">' in client.get("/om-kakor/").content.decode()

import html

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.html import strip_tags

from messaging.sheet import actions as sheet
from messaging.sheet import pdf
from staff.models import Municipality, Role
from tests.factories import UserFactory
from tests.messaging.municipality.test_logo import picture

pytestmark = pytest.mark.django_db

PAGE = "/installningar/kommunen/"
SODERKOPING = {
    "name": "Söderköpings kommun",
    "sender_name": "Soderkoping",
    "website": "soderkoping.se",
    "sheet_address": "",
    "reply_days": "3",
    "switchboard": "0121-181 00",
    "out_of_hours_phone": "",
    "support_phone": "",
    "colour": "#0b5a8a",
    "sms_from": "09.00",
    "sms_until": "17.00",
    "seen_version": "1",
}


@pytest.fixture(autouse=True)
def quick_pdf(request, monkeypatch):
    """Most tests need no real page: `real_pdf` asks for one."""
    if "real_pdf" not in request.fixturenames:
        monkeypatch.setattr(pdf, "render", lambda html: b"%PDF-1.7")


@pytest.fixture
def real_pdf():
    pass


@pytest.fixture(autouse=True)
def administrator(client):
    user = UserFactory(role=Role.SYSTEM_ADMIN)
    client.force_login(user)
    return user


def upload(content: bytes | None = None, name: str = "logotyp.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture() if content is None else content)


def words(response) -> str:
    return " ".join(html.unescape(strip_tags(response.content.decode())).split())


def errors(response) -> dict[str, list[str]]:
    return {field: list(texts) for field, texts in response.context["form"].errors.items()}


class TestMunicipality:
    @pytest.mark.parametrize("role", [role for role in Role if role != Role.SYSTEM_ADMIN])
    def test_is_hidden_from_other_roles(self, client, role):
        client.force_login(UserFactory(role=role))

        assert client.get(PAGE).status_code == 404
        assert client.post(PAGE, SODERKOPING).status_code == 404
        assert Municipality.load().name == "Kommunen"

    def test_shows_what_is_saved_and_how_it_looks(self, client):
        Municipality.objects.create(pk=1, name="Åby kommun", sender_name="Aby")

        shown = words(client.get(PAGE))

        assert "E-tjänsten Meddelanden hos Åby kommun är nu öppen för dig." in shown
        assert "Så använder du e-tjänsten Meddelanden" in shown

    def test_saves_and_counts_the_version(self, client):
        response = client.post(PAGE, SODERKOPING, follow=True)

        saved = Municipality.load()
        assert response.redirect_chain == [(PAGE, 302)]
        assert "Uppgifterna är sparade. De gäller från och med nu." in words(response)
        assert (saved.name, saved.version) == ("Söderköpings kommun", 2)

    def test_previews_without_saving(self, client):
        response = client.post(PAGE, SODERKOPING | {"preview": "1", "colour": "#FFD43B"})

        shown = words(response)
        assert "Inget är sparat än." in shown
        assert "hos Söderköpings kommun är nu öppen för dig" in shown
        assert "137 tecken, 1 sms" in shown
        assert "prov.css?colour=%23ffd43b" in response.content.decode()
        assert Municipality.load().name == "Kommunen"

    def test_says_when_the_name_makes_the_sms_dearer(self, client):
        form = SODERKOPING | {"name": "Kommunen i Söderköping med omnejd", "preview": "1"}
        form["sheet_address"] = "soderkoping.se/meddelanden"

        assert "2 sms" in words(client.post(PAGE, form))

    def test_makes_a_new_version_of_the_sheet(self, client):
        before = sheet.current(municipality=Municipality.load())

        client.post(PAGE, SODERKOPING)

        assert sheet.current(municipality=Municipality.load()).version == before.version + 1

    def test_stops_whoever_has_not_seen_the_latest(self, client):
        client.post(PAGE, SODERKOPING)

        response = client.post(PAGE, SODERKOPING | {"name": "Åby kommun"})

        assert "Någon annan har ändrat uppgifterna" in words(response)
        assert 'value="Åby kommun"' in response.content.decode()
        assert Municipality.load().name == "Söderköpings kommun"

    def test_a_lost_version_counts_as_old(self, client):
        form = {name: value for name, value in SODERKOPING.items() if name != "seen_version"}

        assert "__all__" in errors(client.post(PAGE, form))


class TestMunicipalityForm:
    @pytest.mark.parametrize(
        ("field", "value", "expected"),
        [
            ("name", "", "Skriv kommunens namn."),
            (
                "name",
                "Socialtjänsten i Söderköping",
                "Sms och mejl får inte visa vilken verksamhet det gäller. Skriv ”kommunen”.",
            ),
            ("sender_name", "Söderköpings", "Avsändaren får vara högst 11 tecken. ”Söderköpings”"),
            ("sender_name", "Söderköping", "Skriv 3–11 tecken med bara a–z"),
            ("sender_name", "Stodteam", "Texten innehåller ”stödteam”."),
            ("website", "ifo.soderkoping.se", "Texten innehåller ”ifo”."),
            ("website", "min webbplats", "Skriv bara webbadressen, till exempel soderkoping.se."),
            ("sheet_address", "soderkoping.se/bistand", "Texten innehåller ”bistånd”."),
            ("colour", "blå", "Skriv färgen som # och sex tecken, till exempel #0b5a8a."),
            ("reply_days", "0", "Skriv ett antal vardagar mellan 1 och 30."),
            ("reply_days", "snart", "Skriv ett antal vardagar mellan 1 och 30."),
            ("sms_from", "nio", "Skriv klockslaget så här: 09.00."),
            ("sms_until", "08.00", "Sluttiden ska vara efter starttiden."),
            ("logo_file", upload(b"%PDF-1.7"), "Välj en bild i PNG eller JPEG."),
            ("logo_file", upload(b""), "Filen är tom."),
        ],
    )
    def test_says_what_to_do_and_keeps_what_was_typed(self, client, field, value, expected):
        response = client.post(PAGE, SODERKOPING | {"switchboard": "0121-999 99", field: value})

        assert [field] == list(errors(response))
        assert len(errors(response)[field]) == 1
        assert expected in errors(response)[field][0]
        page = response.content.decode()
        assert "data-error-summary" in page
        assert 'value="0121-999 99"' in page
        assert Municipality.load().version == 1

    def test_forgives_a_whole_address_and_a_colon(self, client):
        client.post(PAGE, SODERKOPING | {"website": "https://Soderkoping.se/", "sms_from": "8:30"})

        saved = Municipality.load()
        assert saved.website == "soderkoping.se"
        assert f"{saved.sms_from:%H.%M}" == "08.30"

    @pytest.mark.usefixtures("real_pdf")
    def test_lets_the_sheet_grow_by_the_line_that_it_has_room_for(self, client):
        form = SODERKOPING | {"website": f"{'meddelanden-' * 5}x.se"}

        assert client.post(PAGE, form).status_code == 302

    @pytest.mark.parametrize(
        ("problem", "expected"),
        [
            (pdf.DoesNotFit(12), "Informationsbladet, svenska: Bladet är 12 mm för långt"),
            (pdf.MissingGlyph({"☃"}), "Bladets typsnitt saknar ”☃” (U+2603)."),
        ],
    )
    def test_refuses_what_the_sheet_cannot_hold(self, client, monkeypatch, problem, expected):
        def fail(html: str) -> bytes:
            raise problem

        monkeypatch.setattr(pdf, "render", fail)

        assert expected in words(client.post(PAGE, SODERKOPING))
        assert Municipality.load().version == 1

    @pytest.mark.usefixtures("real_pdf")
    def test_refuses_a_character_that_the_sheets_fonts_lack(self, client):
        response = client.post(PAGE, SODERKOPING | {"name": "Söderköping ☃"})

        assert "Bladets typsnitt saknar ”☃” (U+2603)." in words(response)


class TestLogo:
    def test_is_saved_as_it_was(self, client):
        client.post(PAGE, SODERKOPING | {"logo_file": upload()})

        saved = Municipality.load()
        assert (bytes(saved.logo), saved.logo_type) == (picture(), "image/png")

    def test_survives_a_preview_and_an_error_before_it_is_saved(self, client):
        preview = client.post(PAGE, SODERKOPING | {"logo_file": upload(), "preview": "1"})
        kept = preview.context["form"].new_logo.base64
        assert f'name="kept_logo" value="{kept}"' in " ".join(preview.content.decode().split())
        assert f"data:image/png;base64,{kept}" in preview.content.decode()
        assert "Den nya logotypen är vald." in words(preview)
        assert not Municipality.load().logo

        wrong = client.post(PAGE, SODERKOPING | {"kept_logo": kept, "name": ""})
        assert wrong.context["form"].new_logo.base64 == kept

        client.post(PAGE, SODERKOPING | {"kept_logo": kept})
        assert bytes(Municipality.load().logo) == picture()

    def test_is_not_taken_from_a_tampered_form(self, client):
        for kept in ("!", "a", "PHN2Zz4="):
            response = client.post(PAGE, SODERKOPING | {"kept_logo": kept})

            assert "logo_file" in errors(response)
        assert not Municipality.load().logo

    def test_stays_when_nothing_is_chosen(self, client):
        Municipality.objects.create(pk=1, logo=picture(), logo_type="image/png")

        client.post(PAGE, SODERKOPING)

        assert bytes(Municipality.load().logo) == picture()

    def test_can_be_removed(self, client):
        Municipality.objects.create(pk=1, logo=picture(), logo_type="image/png")

        client.post(PAGE, SODERKOPING | {"remove_logo": "on"})

        saved = Municipality.load()
        assert (bytes(saved.logo), saved.logo_type) == (b"", "")


class TestPreviewColour:
    def test_colours_the_sample_alone_with_text_that_can_be_read(self, client):
        response = client.get(f"{PAGE}prov.css", {"colour": "#ffd43b"})

        assert response["Content-Type"] == "text/css; charset=utf-8"
        assert response.content.decode() == (
            ".header-sample{--municipality-colour:#ffd43b;--municipality-text:#000000}"
        )

    @pytest.mark.parametrize(
        "colour", ["", "blue", "#fff", "#0b5a8a}body{display:none", "#0b5a8a\n"]
    )
    def test_takes_nothing_but_a_colour(self, client, colour):
        assert client.get(f"{PAGE}prov.css", {"colour": colour}).status_code == 404

    def test_is_hidden_from_other_roles(self, client):
        client.force_login(UserFactory(role=Role.CASE_WORKER))

        assert client.get(f"{PAGE}prov.css", {"colour": "#ffd43b"}).status_code == 404

import pytest

from messaging.notices import email, outbox
from messaging.notices.sms.base import Sms
from messaging.notices.sms.outbox import Gateway
from staff.models import Role
from tests.factories import NoticeFactory, SheetVersionFactory, UserFactory

pytestmark = pytest.mark.django_db

TEXT = "E-tjänsten Meddelanden hos Söderköpings kommun är nu öppen för dig."


@pytest.fixture(autouse=True)
def _demo(settings, tmp_path):
    settings.DEMO = True
    settings.OUTBOX_DIR = settings.EMAIL_FILE_PATH = tmp_path / "outbox"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"


@pytest.fixture(autouse=True)
def _worker(client):
    client.force_login(UserFactory(role=Role.CASE_WORKER))


@pytest.fixture
def sms() -> str:
    Gateway().send(Sms("+46701740605", "Soderkoping", TEXT, "9a1c"))
    return "/utkorg/9a1c/"


@pytest.fixture
def mail() -> str:
    email.send(NoticeFactory(email=True, sheet=SheetVersionFactory(), text="Nu är det öppet.\n"))
    return f"/utkorg/{outbox.read()[0].slug}/"


class TestOutbox:
    def test_lists_what_was_sent(self, client, sms, mail):
        page = client.get("/utkorg/").content.decode()

        assert "Sms till +46701740605" in page
        assert sms in page
        assert mail in page

    def test_says_what_to_do_when_nothing_was_sent(self, client):
        assert "Inget har skickats ännu" in client.get("/utkorg/").content.decode()

    def test_is_only_in_the_demo(self, client, settings, sms, mail):
        settings.DEMO = False

        for address in ("/utkorg/", sms, mail, f"{mail}bilaga/"):
            assert client.get(address).status_code == 404

    def test_is_hidden_from_those_who_no_longer_work_here(self, client, sms):
        client.force_login(UserFactory())

        assert client.get("/utkorg/").status_code == 404
        assert client.get(sms).status_code == 404


class TestOutboxItem:
    def test_shows_an_sms_on_a_telephone_with_its_length(self, client, sms):
        page = client.get(sms).content.decode()

        assert TEXT in page
        assert "Soderkoping" in page
        assert "67 tecken, 1 sms" in page

    def test_shows_an_email_with_its_attachment(self, client, mail):
        page = client.get(mail).content.decode()

        assert "Nu är det öppet." in page
        assert f"{mail}bilaga/" in page

    @pytest.mark.parametrize(
        "slug", ["9a1b", "9a1c.sms.json", "..%2f..%2fsettings", "%2e%2e", "9a1c%00"]
    )
    def test_knows_no_other_names(self, client, sms, slug):
        assert client.get(f"/utkorg/{slug}/").status_code == 404


class TestOutboxAttachment:
    def test_opens_the_sheet(self, client, mail):
        response = client.get(f"{mail}bilaga/")

        assert response.content == b"%PDF-1.7"
        assert response["Content-Type"] == "application/pdf"
        assert response["Content-Disposition"] == (
            'inline; filename="informationsblad-meddelanden.pdf"'
        )

    def test_is_missing_where_there_is_none(self, client, sms):
        assert client.get(f"{sms}bilaga/").status_code == 404

import csv

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from onboarding.imports import work
from onboarding.imports.models import ImportRun
from persons.models import Person
from tests.factories import UnitFactory, UserFactory
from tests.onboarding.imports.files import apply, row, text_of, upload
from tests.pages import Page, follow, open_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unit")]


@pytest.fixture
def administrator(client, mona):
    client.force_login(mona)
    return mona


def csv_file(content: str | bytes) -> SimpleUploadedFile:
    content = content.encode() if isinstance(content, str) else content
    return SimpleUploadedFile("personer.csv", content, content_type="text/csv")


def send(client, file):
    page = open_page(client, reverse("imports"))
    return page.form("Kontrollera filen").send(client, file=file)


class TestImports:
    def test_takes_a_file_through_check_and_register(self, client, administrator):
        page = follow(client, send(client, csv_file(text_of(row(0), row(1, beslut="x")))))
        assert "Filen kontrolleras" in page.words
        work.go_on(ImportRun.objects.get().pk)

        page = open_page(client, page.address)
        assert "Inget är ändrat än. Rader med fel hoppas över" in page.words
        assert "Datumet går inte att läsa" in page.words
        page = follow(client, page.form("Läs in i registret").send(client))
        assert "0 av 2 rader är klara." in page.words
        work.go_on(ImportRun.objects.get().pk)

        page = open_page(client, page.address)
        assert "Rader med fel hoppades över." in page.words
        assert Person.objects.get().full_name == "Nina Exempel"

    @pytest.mark.parametrize(
        ("content", "error"),
        [
            (b"", "Filen är tom. Välj en annan fil."),
            ("namn;mobil\r\nNina;1\r\n", "Kolumn 1 har en rubrik som inte känns igen."),
            (text_of(row(efternamn="Å")).encode("cp1252"), "Filen är inte sparad som UTF-8."),
            (text_of(), "Filen har inga rader under rubrikraden."),
            (text_of(row())[:-20], "Rad 2 har"),
            (text_of(row()) + '"', "Ett citattecken saknas"),
        ],
    )
    def test_says_what_is_wrong_with_a_file_and_keeps_nothing(
        self, client, administrator, content, error
    ):
        response = send(client, csv_file(content))

        page = open_page_of(response)
        assert page.errors()["id_file"].startswith(error)
        assert page.error_at("id_file").startswith(error)
        assert not ImportRun.objects.exists()

    def test_asks_for_a_file_where_there_is_none(self, client, administrator):
        assert open_page_of(send(client, None)).error_at("id_file") == "Välj en fil."

    def test_refuses_what_is_too_large_before_it_is_read(self, client, administrator, monkeypatch):
        monkeypatch.setattr("onboarding.imports.forms.MAX_MEGABYTES", 1)

        page = open_page_of(send(client, csv_file(b"a" * 1_000_001)))

        assert page.error_at("id_file").startswith("Filen är 2 MB. Den får vara högst 1 MB.")

    def test_reads_a_file_that_was_too_large_for_memory(self, client, administrator, settings):
        settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10

        follow(client, send(client, csv_file(text_of(row()))))

        assert ImportRun.objects.get().row_count == 1

    def test_sent_twice_from_one_page_is_one_import(self, client, administrator):
        form = open_page(client, reverse("imports")).form("Kontrollera filen")

        first, second = (form.send(client, file=csv_file(text_of(row()))) for _ in range(2))

        assert first["Location"] == second["Location"]

    def test_lists_what_was_sent_before(self, client, administrator):
        run = apply(administrator, row())

        page = open_page(client, reverse("imports"))

        assert run.get_absolute_url() in page.response.content.decode()
        assert "Tidigare importer" in page.words

    def test_hands_out_an_example_that_can_be_read(self, client, administrator):
        UnitFactory(name="Stödteamet")
        response = client.get(reverse("import_example"))

        follow(client, send(client, csv_file(b"".join(response.streaming_content))))

        assert not ImportRun.objects.get().rows.filter(has_errors=True).exists()


class TestAnImport:
    def test_shows_nobody(self, client, administrator):
        run = apply(administrator, row(), row(1, beslut="x", förnamn="Kanarie"))
        person = Person.objects.get()

        page = open_page(client, run.get_absolute_url())

        for secret in (person.given_name, person.identity_number, person.shown_number, "Kanarie"):
            assert secret not in page.response.content.decode()

    def test_hands_out_its_errors_for_a_spreadsheet(self, client, administrator):
        run = upload(administrator, row(beslut="=1+1"), row(1, enhet="Okänd"))

        response = client.get(reverse("import_errors", args=[run.public_id]))

        rows = list(csv.reader(response.content.decode("utf-8-sig").splitlines(), delimiter=";"))
        assert rows == [
            ["rad", "kolumn", "fel"],
            ["2", "beslut", "Datumet går inte att läsa. Skriv det så här: 2026-11-23."],
            ["3", "enhet", "Det finns ingen enhet med det namnet."],
        ]

    def test_says_when_there_are_more_errors_than_are_shown(
        self, client, administrator, monkeypatch
    ):
        monkeypatch.setattr("onboarding.imports.report.SHOWN_ERRORS", 1)
        monkeypatch.setattr("onboarding.imports.report.KEPT_ERRORS", 1)
        run = upload(administrator, row(beslut="x"), row(1, enhet="Okänd"))

        page = open_page(client, run.get_absolute_url())
        response = client.get(reverse("import_errors", args=[run.public_id]))

        assert "De första visas här." in page.words
        assert "Fler rader har fel." in response.content.decode()

    def test_is_thrown_away_when_asked(self, client, administrator):
        run = upload(administrator, row())

        page = open_page(client, run.get_absolute_url())
        page = follow(client, page.form("Kasta importen").send(client))

        assert "Kastad" in page.words
        assert "Inget ändrades i registret." in page.words
        assert not run.rows.exists()

    def test_that_changes_nothing_has_nothing_to_press(self, client, administrator):
        apply(administrator, row())

        page = open_page(client, upload(administrator, row()).get_absolute_url())

        assert "Ingen rad i filen ändrar något." in page.words
        with pytest.raises(AssertionError, match="no button"):
            page.form("Läs in")

    def test_that_was_interrupted_says_so_and_can_be_run_again(
        self, client, administrator, nobody_but_the_test_works, django_capture_on_commit_callbacks
    ):
        run = upload(administrator, row())
        follow(client, open_page(client, run.get_absolute_url()).form("Läs in").send(client))
        ImportRun.objects.update(lease_until="2026-01-01T00:00Z")

        page = open_page(client, run.get_absolute_url())
        assert "Avbruten" in page.words
        with django_capture_on_commit_callbacks(execute=True):
            follow(client, page.form("Kör igen").send(client))

        assert nobody_but_the_test_works[-1] == {"run_id": run.pk}

    def test_that_was_interrupted_and_thrown_away_says_what_stayed(self, client, administrator):
        run = upload(administrator, row())
        follow(client, open_page(client, run.get_absolute_url()).form("Läs in").send(client))
        ImportRun.objects.update(lease_until="2026-01-01T00:00Z")

        page = open_page(client, run.get_absolute_url())
        page = follow(client, page.form("Kasta").send(client))

        assert "Det som hann läsas in är kvar: 0 av 1 rader." in page.words

    def test_has_to_wait_for_another(self, client, administrator):
        first, second = upload(administrator, row(0)), upload(administrator, row(1))
        forms = [open_page(client, r.get_absolute_url()).form("Läs in") for r in (first, second)]

        follow(client, forms[0].send(client))
        page = follow(client, forms[1].send(client))

        assert "En annan import läses in just nu." in page.status

    def test_says_when_it_has_moved_on_since_the_page_was_opened(self, client, administrator):
        run = upload(administrator, row())
        page = open_page(client, run.get_absolute_url())
        follow(client, page.form("Kasta").send(client))

        assert "redan gått vidare" in follow(client, page.form("Läs in").send(client)).status
        assert "kan inte kastas nu" in follow(client, page.form("Kasta").send(client)).status

    @pytest.mark.parametrize("name", ["import_run", "import_errors", "proceed_import"])
    def test_is_there_for_administrators_only(self, client, mona, name):
        address = reverse(name, args=[upload(mona, row()).public_id])
        client.force_login(UserFactory())

        assert client.post(address).status_code in {404, 405}
        assert client.get(address).status_code in {404, 405}


def open_page_of(response):
    assert response.status_code == 200
    return Page(response)

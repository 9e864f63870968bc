import pytest
from django.urls import reverse

from persons.models import AccessLogEntry
from staff.models import Role
from tests.factories import CaseFactory, UserFactory, protect
from tests.pages import Page, open_page, words

pytestmark = pytest.mark.django_db

PAGE = "/sok/"


@pytest.fixture
def karin(client):
    user = UserFactory(role=Role.SUPPORT_CONTACT)
    client.force_login(user)
    return user


@pytest.fixture
def amina(karin):
    case = CaseFactory(
        support_contact=karin, number="IFO-2026-7", person__identity_number="199006022397"
    )
    return case.person


def search(client, term: str) -> Page:
    return Page(open_page(client, PAGE).form("Sök").send(client, term=term))


class TestSearch:
    @pytest.mark.parametrize("term", ["exempel", "900602-2397", "2397", "IFO-2026-7"])
    def test_leads_to_whom_one_works_with(self, client, amina, term):
        page = search(client, term)

        assert page.link("Amina Exempel") == amina.get_absolute_url()
        assert "1 träff." in page.words
        assert "900602-XXXX" in page.words

    def test_can_be_begun_from_any_page(self, client, amina):
        response = open_page(client, reverse("start")).form("Sök").send(client, term="ami")

        assert "1 träff." in Page(response).words

    def test_says_the_same_of_who_is_hidden_and_who_is_not_there(self, client, karin):
        hidden = CaseFactory(number="IFO-2026-8").person
        protect(hidden)

        for term in ("exempel", hidden.identity_number, "IFO-2026-8", "nobody"):
            page = search(client, term)
            assert "Ingen träff bland dina personer. Söker du någon annan?" in page.words
            assert "Du behöver ett uppdrag för att se personen." in page.words
            assert page.response.status_code == 200

    def test_announces_how_many_were_found(self, client, amina):
        page = search(client, "exempel")

        [region] = [e for e in page.root.iter() if "data-announce" in e.attrib]
        assert region.get("aria-live") == "polite"
        assert words(region) == "1 träff."

    def test_asks_for_more_when_there_are_more_than_twenty(self, client, karin):
        for _each in range(21):
            CaseFactory(support_contact=karin)

        page = search(client, "exempel")

        assert "Fler än 20 träffar. Här är 20 av dem. Skriv mer för att hitta rätt." in page.words
        assert len([e for e in page.root.iter("a") if words(e) == "Amina Exempel"]) == 20

    def test_finds_who_is_protected_by_a_whole_number_and_names_nobody(self, client, amina):
        protect(amina)
        case = amina.cases.get()

        for whole in (amina.identity_number, case.number):
            page = search(client, whole)
            assert page.link("Skyddad person") == amina.get_absolute_url()
            assert "Amina" not in page.words
            assert amina.masked_number not in page.words

    def test_does_not_say_by_a_name_or_four_digits_who_is_protected(self, client, amina):
        protect(amina)

        for part in ("exempel", "amina", amina.identity_number[-4:]):
            page = search(client, part)
            assert "Ingen träff bland dina personer." in page.words
            assert "Skyddad person" not in page.words

    @pytest.mark.parametrize("term", ["", "ek", "199006022398", "x" * 101])
    def test_says_what_is_wrong_and_keeps_what_was_typed(self, client, karin, term):
        page = search(client, term)

        [(target, text)] = page.errors().items()
        assert page.error_at(target) == text
        assert page.title.startswith("Fel:")
        assert page.form("Sök").value("term") == term
        assert not AccessLogEntry.objects.exists()

    @pytest.mark.parametrize("role", [*set(Role) - {
        Role.CASE_WORKER, Role.SUPPORT_CONTACT, Role.UNIT_MANAGER}, ""])  # fmt: skip
    def test_is_not_there_for_who_works_with_nobody(self, client, role):
        client.force_login(UserFactory(role=role))

        assert client.get(PAGE).status_code == 404
        assert client.post(PAGE, {"term": "exempel"}).status_code == 404
        assert "header-search" not in client.get(reverse("start")).content.decode()

    def test_reads_no_term_from_the_address(self, client, amina):
        page = Page(client.get(PAGE, {"term": "exempel"}))

        assert "träff" not in page.words
        assert page.form("Sök").value("term") == ""

    def test_leaves_the_term_nowhere_else(self, client, amina, caplog):
        page = search(client, "kanarie")

        assert "kanarie" not in f"{page.title}{page.response.headers}{client.cookies.output()}"
        assert "kanarie" not in caplog.text
        assert "no-store" in page.response["Cache-Control"]

    def test_is_logged_with_all_who_were_found_but_not_with_the_term(self, client, karin, amina):
        search(client, "exempel")

        entry = AccessLogEntry.objects.get()
        assert (entry.user, entry.action, entry.view) == (karin, "search", "search")
        assert (entry.listed, entry.refused) == ([amina.pk], False)
        assert entry.reason == "Sökte på namn"

    def test_is_logged_when_nobody_is_found(self, client, karin):
        search(client, "199006022397")

        entry = AccessLogEntry.objects.get()
        assert (entry.listed, entry.reason) == ([], "Sökte på personnummer")

    def test_shows_nobody_when_it_cannot_be_logged(self, client, amina, monkeypatch):
        def broken(*args, **fields):
            raise RuntimeError

        form = open_page(client, PAGE).form("Sök")
        client.raise_request_exception = False
        monkeypatch.setattr(AccessLogEntry.objects, "create", broken)

        response = form.send(client, term="exempel")

        assert response.status_code == 500
        assert "Amina" not in response.content.decode()

    def test_is_refused_after_too_many_and_the_refusal_is_logged(self, client, amina, settings):
        settings.SEARCHES_PER_MINUTE = 1
        search(client, "exempel")

        page = search(client, "exempel")

        assert page.response.status_code == 429
        assert "Du har sökt många gånger på kort tid." in " ".join(page.errors().values())
        assert "träff" not in page.words
        assert page.form("Sök").value("term") == "exempel"
        entry = AccessLogEntry.objects.latest("pk")
        assert (entry.action, entry.refused, entry.listed) == ("search", True, [])

import pytest
from django.contrib import messages
from django.contrib.messages.storage.session import SessionStorage
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from tests.factories import UserFactory
from tests.web.test_forms import VisitForm

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client):
    client.force_login(UserFactory())
    return client


class TestPublicPages:
    @pytest.mark.parametrize(
        ("address", "heading"),
        [("/om-kakor/", "Om kakor"), ("/tillganglighet/", "Tillgänglighet i Meddelanden")],
    )
    def test_can_be_read_without_signing_in(self, client, address, heading):
        response = client.get(address)

        assert response.status_code == 200
        assert heading in response.content.decode()

    def test_name_the_cookies_that_are_set(self, client, settings):
        html = client.get("/om-kakor/").content.decode()

        assert settings.SESSION_COOKIE_NAME in html
        assert settings.CSRF_COOKIE_NAME in html


class TestComponents:
    def test_are_shown_in_the_demo(self, signed_in, settings):
        settings.DEMO = True

        assert "Det finns 7 saker att rätta" in signed_in.get("/demo/komponenter/").content.decode()

    def test_do_not_exist_elsewhere(self, signed_in, settings):
        settings.DEMO = False

        assert signed_in.get("/demo/komponenter/").status_code == 404

    def test_need_sign_in(self, client, settings):
        settings.DEMO = True

        assert client.get("/demo/komponenter/").status_code == 302


class TestTitle:
    def test_begins_with_the_error_after_a_failed_form(self, rf):
        def title(form):
            html = render_to_string("base.html", {"form": form}, rf.get("/"))
            return html.split("<title>")[1].split("</title>")[0]

        assert title(VisitForm({})).startswith("Fel: ")
        assert not title(VisitForm()).startswith("Fel: ")


class TestErrorPages:
    def test_say_the_same_whether_a_page_is_missing_or_closed(self, rf):
        missing, closed = (render_to_string(f"{code}.html", {}, rf.get("/")) for code in (404, 403))

        assert missing == closed
        assert "Sidan finns inte, eller så har du inte behörighet" in missing

    def test_answer_a_wrong_address_in_our_frame(self, client):
        response = client.get("/finns-inte/")

        assert response.status_code == 404
        assert "Sidan kan inte visas" in response.content.decode()

    def test_say_that_what_was_sent_is_too_large_and_changed_nothing(self, client):
        response = client.post("/konto/logga-in/", {"login": "x" * 3_000_000})

        assert response.status_code == 413
        assert "Det du skickade är för stort" in response.content.decode()
        assert "Inget är ändrat." in response.content.decode()

    def test_say_that_what_was_sent_in_too_many_fields_is_too_large(self, client):
        response = client.post("/konto/logga-in/", {f"x{n}": "" for n in range(1001)})

        assert response.status_code == 413

    @pytest.mark.parametrize("address", ["/konto/logga-in/?next=%00", "/om-kakor/?x=a%00b"])
    def test_answer_an_address_that_no_database_can_read(self, client, address):
        response = client.get(address)

        assert response.status_code == 400
        assert "kunde inte läsa det du skickade" in response.content.decode()

    def test_need_no_database_when_we_fail(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            html = render_to_string("500.html")

        assert "Något gick fel hos oss" in html

    def test_say_that_an_old_form_saved_nothing(self, rf):
        html = render_to_string("403_csrf.html", {}, rf.get("/"))

        assert "Inget är sparat." in html


class TestContentSecurityPolicy:
    @pytest.mark.parametrize("address", ["/demo/komponenter/", "/konto/logga-ut/", "/om-kakor/"])
    def test_has_nothing_inline_to_stop(self, signed_in, settings, address):
        settings.DEMO = True

        html = signed_in.get(address).content.decode()

        for forbidden in (" style=", "<style", " onclick=", "javascript:", "<script>"):
            assert forbidden not in html


class TestNotices:
    def test_keep_an_action_that_we_made_and_escape_what_people_wrote(self, rf):
        request = rf.get("/")
        request.session = {}
        request._messages = SessionStorage(request)
        messages.success(request, mark_safe("Påkopplad. <button>Ångra</button>"))
        messages.error(request, "Hej <script>")

        html = render_to_string("base.html", {}, request)

        assert "Påkopplad. <button>Ångra</button>" in html
        assert "Hej &lt;script&gt;" in html
        assert html.count('role="status"') == 1

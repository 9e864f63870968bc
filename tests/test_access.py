"""Closed by default: every address is in this table, or the suite fails."""

import re
from collections.abc import Iterator
from datetime import date
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from persons.models import AccessLogEntry, Person
from staff.models import Membership, Role, Unit, User
from tests.factories import (
    CaseFactory,
    MembershipFactory,
    PersonFactory,
    RelationFactory,
    SheetVersionFactory,
    UnitFactory,
    UserFactory,
    protect,
)

pytestmark = pytest.mark.django_db

# Everyone, also without signing in: nothing in them is about anybody.
PUBLIC = {
    "alive", "ready", "account_login", "account_logout", "account_inactive", "colour", "logo",
    "sheet", "sheet_pdf", "cookies", "accessibility", "session",
    "mfa_authenticate",
}  # fmt: skip
# About one person: only those who work with the person.
ABOUT_A_PERSON = {
    "person", "reveal_number", "history", "switch_on", "undo_switch_on", "switch_off", "welcome",
    "stop_welcome", "relations", "add_relation",
}  # fmt: skip
ABOUT_A_RELATION = {"relation", "close_relation"}
# Everyone who works here; what they see is their own.
STAFF = {
    "start", "sync_status", "account_reauthenticate", "mfa_index", "mfa_reauthenticate",
    "mfa_activate_totp", "mfa_add_webauthn", "mfa_reauthenticate_webauthn",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
}  # fmt: skip
ADMINISTRATORS = {"run_sync", "municipality", "preview_colour"}
# Not there at all outside the demo.
DEMO = {"demo_clock", "demo_components", "outbox", "outbox_item", "outbox_attachment"}

KNOWN = PUBLIC | ABOUT_A_PERSON | ABOUT_A_RELATION | STAFF | ADMINISTRATORS | DEMO
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")


def patterns(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, str | None]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield namespace, pattern.name
        else:
            yield from patterns(pattern, pattern.namespace or namespace)


def addresses(person: Person, relation_id: object = None) -> list[str]:
    about = [reverse(name, args=[person.public_id]) for name in sorted(ABOUT_A_PERSON)]
    both = [person.public_id, relation_id or uuid4()]
    return about + [reverse(name, args=both) for name in sorted(ABOUT_A_RELATION)]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def answer(client: Client, method: str, address: str) -> tuple[int, bytes, dict[str, str]]:
    """What a stranger can compare: everything but the cookies and the address itself."""
    response = getattr(client, method)(address)
    headers = {name: value for name, value in response.headers.items() if name != "Set-Cookie"}
    headers.pop("Expires", None)
    # The token is masked anew in each page, and the time until sign-out passes.
    content = re.sub(
        rb'(csrfmiddlewaretoken" value="|data-seconds=")[^"]+', rb"\1", response.content
    )
    return response.status_code, content, headers


@pytest.fixture
def unit() -> Unit:
    return UnitFactory()


@pytest.fixture
def karin(unit) -> User:
    return UserFactory(role=Role.SUPPORT_CONTACT, unit=unit)


@pytest.fixture
def sara(unit) -> User:
    return UserFactory(role=Role.CASE_WORKER, unit=unit)


@pytest.fixture
def amina(unit, karin, sara) -> Person:
    person = PersonFactory(given_name="Kanariea", family_name="Kanarieb", account__active=True)
    CaseFactory(person=person, unit=unit, support_contact=karin, case_worker=sara)
    return person


class TestEveryAddress:
    def test_is_in_the_table(self):
        found = {name for namespace, name in patterns(get_resolver()) if namespace != "admin"}

        assert found == KNOWN

    def test_asks_a_stranger_to_sign_in_unless_it_is_public(self, client, amina):
        relation = RelationFactory(principal=amina)
        some = [reverse(name) for name in sorted(STAFF | ADMINISTRATORS | {"demo_clock", "outbox"})]

        for address in some + addresses(amina, relation.public_id):
            for method in METHODS:
                response = getattr(client, method)(address)
                assert response.status_code == 302, (method, address)
                assert response["Location"].startswith(reverse("account_login")), address

    def test_of_the_admin_leads_to_the_same_sign_in(self, client):
        response = client.get(reverse("admin:index"), follow=True)

        assert response.redirect_chain[-1][0].startswith(reverse("account_login"))

    def test_that_is_public_is_about_nobody(self, client, amina):
        version = SheetVersionFactory()
        public = [reverse(name) for name in sorted(PUBLIC - {"sheet_pdf", "logo"})]

        for address in [*public, version.get_absolute_url()]:
            response = client.get(address)
            assert response.status_code != 302 or "logga" in response["Location"], address
            assert b"Kanarie" not in response.content


def stranger_kinds(unit: Unit) -> dict[str, User]:
    former = UserFactory()
    MembershipFactory(
        user=former, unit=unit, role=Role.UNIT_MANAGER,
        valid_from=date(2020, 1, 1), valid_until=date(2020, 12, 31),
    )  # fmt: skip
    return {
        "colleague in the unit": UserFactory(role=Role.SUPPORT_CONTACT, unit=unit),
        "case worker elsewhere": UserFactory(role=Role.CASE_WORKER),
        "manager elsewhere": UserFactory(role=Role.UNIT_MANAGER),
        "administrator": UserFactory(role=Role.SYSTEM_ADMIN, unit=unit),
        "template editor": UserFactory(role=Role.TEMPLATE_EDITOR, unit=unit),
        "log reviewer": UserFactory(role=Role.LOG_REVIEWER, unit=unit),
        "former manager": former,
        "nobody yet": UserFactory(),
    }


class TestAPerson:
    @pytest.mark.parametrize("method", METHODS)
    def test_who_is_forbidden_looks_exactly_like_one_who_does_not_exist(self, unit, amina, method):
        relation = RelationFactory(principal=amina)
        nobody = PersonFactory.build()
        strangers = list(stranger_kinds(unit).items())

        # The rarer methods end before anybody is looked up: one kind of stranger will do.
        for who, user in strangers if method in {"get", "post"} else strangers[:1]:
            client = signed_in(user)
            forbidden = [answer(client, method, a) for a in addresses(amina, relation.public_id)]
            missing = [answer(client, method, a) for a in addresses(nobody)]

            assert forbidden == missing, who
            assert not any(b"Kanarie" in content for _status, content, _headers in forbidden)

    def test_can_be_opened_by_those_who_work_with_the_person(self, unit, amina, karin, sara):
        manager = UserFactory(role=Role.UNIT_MANAGER, unit=unit)

        for user in (karin, sara, manager):
            assert signed_in(user).get(amina.get_absolute_url()).status_code == 200

    def test_cannot_be_opened_when_the_role_has_ended(self, amina, karin):
        Membership.objects.filter(user=karin).update(valid_until="2020-12-31")

        assert signed_in(karin).get(amina.get_absolute_url()).status_code == 404

    def test_cannot_be_opened_when_the_case_is_closed(self, amina, karin):
        amina.cases.update(closed_on="2026-11-01")

        assert signed_in(karin).get(amina.get_absolute_url()).status_code == 404

    def test_is_out_of_reach_at_once_for_who_has_been_disabled(self, amina, karin):
        client = signed_in(karin)
        User.objects.filter(pk=karin.pk).update(is_active=False)

        assert client.get(amina.get_absolute_url()).status_code == 302

    def test_cannot_be_reached_through_another_ones_relation(self, unit, amina, karin):
        elsewhere = RelationFactory(given_name="Kanariec")

        for name in sorted(ABOUT_A_RELATION):
            address = reverse(name, args=[amina.public_id, elsewhere.public_id])
            response = signed_in(karin).get(address)
            assert response.status_code == 404
            assert b"Kanariec" not in response.content

    @pytest.mark.parametrize(
        "wrong", ["1", "-1", "a" * 36, "00000000-0000-0000-0000-000000000000", "%00", "..%2f"]
    )
    def test_with_a_malformed_address_is_not_there(self, karin, wrong):
        assert signed_in(karin).get(f"/personer/{wrong}/").status_code == 404

    def test_who_is_protected_is_unnamed_also_for_those_who_may(self, amina, karin):
        protect(amina)
        client = signed_in(karin)

        for address in (reverse("start") + "?vy=alla", amina.get_absolute_url()):
            response = client.get(address)
            assert response.status_code == 200
            assert b"Kanarie" not in response.content


class TestTheLog:
    def test_has_one_row_for_each_look(self, unit, amina, karin):
        signed_in(karin).get(amina.get_absolute_url())

        entry = AccessLogEntry.objects.get()
        assert (entry.user, entry.person, entry.action) == (karin, amina, "view")
        assert (entry.role, entry.unit) == (Role.SUPPORT_CONTACT, unit)
        assert entry.view == "person"

    def test_knows_everyone_who_was_on_a_list(self, amina, karin):
        signed_in(karin).get(reverse("start"), {"vy": "alla"})

        entry = AccessLogEntry.objects.get()
        assert (entry.action, entry.listed, entry.person) == ("list", [amina.pk], None)

    def test_tells_a_revealed_number_from_a_look(self, amina, karin):
        response = signed_in(karin).post(reverse("reveal_number", args=[amina.public_id]))

        assert AccessLogEntry.objects.get().action == "unmask"
        assert amina.shown_number in response.content.decode()

    def test_tells_who_asked_for_somebody_and_was_refused(self, unit, amina):
        strangers = stranger_kinds(unit).values()

        for user in strangers:
            signed_in(user).get(amina.get_absolute_url())

        entries = AccessLogEntry.objects.filter(person=amina)
        assert {entry.user for entry in entries} == set(strangers)
        assert all(entry.refused and entry.basis == "" for entry in entries)

    def test_that_cannot_be_written_shows_nobody(self, amina, karin):
        client = signed_in(karin)
        client.raise_request_exception = False
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {AccessLogEntry._meta.db_table} RENAME TO moved_away")

        response = client.get(amina.get_absolute_url())

        assert response.status_code == 500
        assert b"Kanarie" not in response.content


class TestNames:
    def test_stand_in_no_title_address_header_cookie_or_log_line(self, amina, karin, caplog):
        client = signed_in(karin)
        pages = [a for a in addresses(amina)[:-2] if "stoppa" not in a and "angra" not in a]

        for address in [reverse("start") + "?vy=alla", *pages]:
            response = client.get(address)
            html = response.content.decode()
            title = html[html.find("<title>") : html.find("</title>")]
            seen = f"{address}{title}{response.headers}{client.cookies.output()}"
            for secret in ("Kanarie", amina.identity_number, amina.mobile, amina.email):
                assert secret not in seen
        assert "Kanarie" not in caplog.text

    def test_are_kept_in_no_cache(self, amina, karin):
        response = signed_in(karin).get(amina.get_absolute_url())

        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "same-origin"


class TestAdministrators:
    @pytest.mark.parametrize("name", sorted(ADMINISTRATORS))
    def test_have_pages_that_others_do_not_learn_of(self, unit, name):
        for who, user in stranger_kinds(unit).items():
            if who != "administrator":
                for method in ("get", "post"):
                    response = getattr(signed_in(user), method)(reverse(name))
                    assert response.status_code in {404, 405}, who

    def test_alone_reach_the_admin(self, unit):
        for who, user in stranger_kinds(unit).items():
            expected = 200 if who == "administrator" else 404
            assert signed_in(user).get(reverse("admin:index")).status_code == expected, who


class TestTheDemo:
    @pytest.mark.parametrize("name", ["demo_components", "outbox"])
    def test_has_pages_that_are_not_there_otherwise(self, karin, name):
        assert django_settings.DEMO is False
        assert signed_in(karin).get(reverse(name)).status_code == 404

    def test_has_a_clock_that_cannot_be_moved_otherwise(self, karin):
        response = signed_in(karin).post(reverse("demo_clock"), {"to": "night"})

        assert response.status_code == 404

"""Who may open whom, and what is written down of it. Every address: tests/access/."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from persons.models import AccessLogEntry, Person
from staff.models import Membership, Role, Unit, User
from tests.factories import (
    CaseFactory,
    MembershipFactory,
    PersonFactory,
    UnitFactory,
    UserFactory,
    protect,
)

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


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

    @pytest.mark.parametrize("page", ["person", "start"])
    def test_that_cannot_be_written_shows_nobody(self, amina, karin, page):
        client = signed_in(karin)
        addresses = {"person": amina.get_absolute_url(), "start": reverse("start") + "?vy=alla"}
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {AccessLogEntry._meta.db_table} RENAME TO moved_away")

        response = client.get(addresses[page])

        assert response.status_code == 503
        assert b"Kanarie" not in response.content


class TestNames:
    def test_stand_in_no_title_address_header_cookie_or_log_line(self, amina, karin, caplog):
        client = signed_in(karin)
        names = ("person", "history", "switch_on", "welcome", "relations", "add_relation")
        pages = [reverse(name, args=[amina.public_id]) for name in names]

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

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from persons.models import AccessLogEntry, NamedAccess, Person, PersonEvent
from staff.models import Role
from tests.access.canaries import models_about_a_person
from tests.factories import (
    CaseFactory,
    EmergencyAccessFactory,
    NamedAccessFactory,
    PersonFactory,
    RelationFactory,
    UserFactory,
    protect,
)
from tests.pages import Page
from web.read_only_admin import ReadOnlyAdmin

pytestmark = pytest.mark.django_db

ABOUT_A_PERSON = [model for model in admin.site._registry if model in models_about_a_person()]
LIST = "admin:persons_person_changelist"


@pytest.fixture
def administrator(client):
    user = UserFactory(role=Role.SYSTEM_ADMIN)
    client.force_login(user)
    return user


@pytest.fixture
def amina():
    """With a row of each kind."""
    person = PersonFactory(given_name="Kanariea", family_name="Kanarieb", account__active=True)
    CaseFactory(person=person, number="IFO-17")
    RelationFactory(principal=person, given_name="Kanariec")
    EmergencyAccessFactory(person=person, user=UserFactory(), reason="Kanaried")
    NamedAccessFactory(person=person, user=UserFactory(), reason="Kanariee")
    PersonEvent.objects.create(
        person=person, kind="switched_on", changes={"given_name": ["Kanarief", "Kanarieg"]}
    )
    return person


def pages(row_of: Person) -> Iterator[str]:
    """The list and the row of each model."""
    for model in ABOUT_A_PERSON:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        if row := model._default_manager.order_by("pk").first():
            yield reverse(f"{name}_change", args=[row.pk])


class TestEveryModelAboutAPerson:
    @pytest.mark.parametrize("model", ABOUT_A_PERSON, ids=str)
    def test_is_looked_at_and_nothing_else(self, rf, administrator, model):
        request = rf.get("/")
        request.user = administrator
        page = admin.site._registry[model]

        assert isinstance(page, ReadOnlyAdmin)
        assert page.has_view_permission(request)
        assert not page.has_add_permission(request)
        assert not page.has_change_permission(request)
        assert not page.has_delete_permission(request)
        assert page.get_actions(request) == {}

    def test_is_shown_without_name_number_or_address(self, client, administrator, amina):
        secrets = (b"Kanarie", amina.identity_number.encode(), amina.email.encode())

        for address in pages(amina):
            response = client.get(address)
            assert response.status_code == 200, address
            assert not any(secret in response.content for secret in secrets), address

    def test_is_logged_when_it_is_looked_at(self, client, administrator, amina):
        for number, address in enumerate(pages(amina), 1):
            client.get(address)
            assert AccessLogEntry.objects.filter(user=administrator).count() == number, address

    def test_has_no_inline_code(self, client, administrator, amina):
        for address in pages(amina):
            content = client.get(address).content
            assert b"<style" not in content, address
            assert b" style=" not in content, address


class TestTheList:
    def test_leads_on_by_key_and_neither_counts_nor_skips(self, client, administrator, monkeypatch):
        monkeypatch.setattr(admin.site._registry[Person], "list_per_page", 2)
        persons = PersonFactory.create_batch(5, account=None)
        shown, address = [], reverse(LIST)

        with CaptureQueriesContext(
            connection,
        ) as queries:
            while address:
                response = client.get(address)
                rows = response.context["cl"]
                shown += [person.pk for person in rows.result_list]
                address = rows.next_before and f"{reverse(LIST)}?fore={rows.next_before}"

        assert shown == sorted((person.pk for person in persons), reverse=True)
        said = " ".join(query["sql"] for query in queries)
        assert "COUNT(" not in said
        assert "OFFSET" not in said

    @pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "²"])
    def test_begins_from_the_beginning_where_the_address_makes_no_sense(
        self, client, administrator, amina, before
    ):
        response = client.get(reverse(LIST), {"fore": before})

        assert response.context["cl"].result_count == Person.objects.count()

    @pytest.mark.parametrize("name", ["persons_person", "persons_case", "relations_relation"])
    def test_leaves_out_who_is_protected(self, client, administrator, amina, name):
        row = {"persons_person": amina, "persons_case": amina.cases.get()}.get(
            name, amina.relations.first()
        )
        protect(amina)

        shown = client.get(reverse(f"admin:{name}_changelist")).context["cl"].result_list
        page = client.get(reverse(f"admin:{name}_change", args=[row.pk]))

        assert row not in shown
        assert page.status_code == 302

    def test_of_named_access_is_about_them(self, client, administrator, amina):
        protect(amina)

        shown = client.get(reverse("admin:persons_namedaccess_changelist")).context["cl"]

        assert shown.result_count == NamedAccess.objects.count()


class TestSearch:
    @pytest.fixture
    def found(self, client, administrator, amina):
        PersonFactory()

        def found(term, address=LIST):
            rows = client.post(reverse(address), {"q": term}).context["cl"].result_list
            return [getattr(row, "person_id", row.pk) for row in rows]

        return found

    def test_finds_by_the_whole_number_however_it_is_written(self, found, amina):
        assert found(amina.identity_number) == found(amina.shown_number) == [amina.pk]

    def test_finds_by_the_whole_case_number(self, found, amina):
        assert found("IFO-17") == found("IFO-17", "admin:persons_case_changelist") == [amina.pk]

    @pytest.mark.parametrize("term", ["Kanariea", "IFO-1", "1998", "070-174", "exempel.se"])
    def test_finds_by_nothing_else(self, found, term):
        assert found(term) == []

    def test_of_who_is_protected_is_as_of_nobody(self, found, amina):
        protect(amina)

        assert found("IFO-17") == []

    def test_is_logged_without_what_was_asked(self, found, amina):
        found(amina.identity_number)

        entry = AccessLogEntry.objects.latest("pk")
        assert (entry.action, entry.listed) == ("search", [amina.pk])
        assert amina.identity_number not in f"{vars(entry)}"

    def test_leaves_in_its_box_what_was_asked(self, client, administrator):
        page = Page(client.post(reverse(LIST), {"q": 'IFO"\u200b17'}))

        assert page.by_id("searchbar").get("value") == 'IFO"\u200b17'

    def test_is_not_made_by_an_address(self, client, administrator, amina):
        response = client.get(reverse(LIST), {"q": "inget sådant"})

        assert response.context["cl"].result_count > 0


class TestLinks:
    def test_lead_to_the_real_page_which_is_not_there_for_an_administrator(
        self, client, administrator, amina
    ):
        page = client.get(reverse("admin:persons_person_change", args=[amina.pk]))

        assert amina.get_absolute_url() in page.content.decode()
        assert "IFO-17" in page.content.decode()
        assert client.get(amina.get_absolute_url()).status_code == 404

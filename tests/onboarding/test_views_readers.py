from datetime import timedelta

import pytest
from django.urls import reverse

from onboarding import readers
from persons.models import AccessLogEntry, AccessLogListed
from staff.models import Role
from tests.factories import MembershipFactory, PersonFactory, UserFactory
from tests.pages import Page, open_page, words
from web import clock


def address(person) -> str:
    return reverse("readers", args=[person.public_id])


def look(user, person, **facts) -> AccessLogEntry:
    facts = {"action": "view", "view": "person", "person": person} | facts
    entry = AccessLogEntry.objects.create(user=user, **facts)
    AccessLogListed.objects.bulk_create(
        AccessLogListed(entry=entry, person_id=listed, at=entry.at) for listed in entry.listed
    )
    return entry


def rows(page: Page) -> list[str]:
    return [words(row) for row in page.root.iter("tr")][1:]


@pytest.fixture
def sara(office):
    return UserFactory(first_name="Sara", last_name="Ny", role=Role.CASE_WORKER)


@pytest.fixture
def manager(client, karin, office):
    """Who also works with Amina, so that there is only one sign-in."""
    MembershipFactory(user=karin, unit=office, role=Role.UNIT_MANAGER)
    client.force_login(karin)
    return client


@pytest.fixture
def amina(amina, office):
    amina.cases.update(unit=office)
    return amina


class TestReaders:
    def test_shows_when_who_what_and_on_what_ground(self, manager, amina, sara, office):
        look(
            sara, amina, role=Role.CASE_WORKER, unit=office, basis="emergency", reason="vikarie",
            at=clock.now() - timedelta(days=1),
        )  # fmt: skip

        own, saras = rows(open_page(manager, address(amina)))

        assert saras == (
            "22 november kl. 10.42.00 Sara Ny Handläggare, Stödteamet Öppnade personbilden "
            "Öppnat utan uppdrag ”vikarie”"
        )
        assert "Läste åtkomstloggen" in own

    def test_shows_lists_that_the_person_was_on(self, manager, amina, sara):
        look(sara, None, action="list", view="start", listed=[amina.pk, PersonFactory().pk])
        look(sara, None, action="list", view="start", listed=[PersonFactory().pk])

        shown = rows(open_page(manager, address(amina)))

        assert [row.endswith("Såg personen i en lista –") for row in shown].count(True) == 1

    def test_shows_who_was_refused(self, manager, amina, sara):
        look(sara, amina, refused=True)

        assert any("Sara Ny Öppnade personbilden Nekades" in row for row in rows(
            open_page(manager, address(amina))
        ))  # fmt: skip

    def test_of_somebody_else_is_not_there(self, manager, amina, sara):
        look(sara, PersonFactory())

        assert len(rows(open_page(manager, address(amina)))) == 1

    def test_is_itself_logged_and_says_so(self, manager, amina):
        page = open_page(manager, address(amina))

        entry = AccessLogEntry.objects.get()
        assert (entry.action, entry.person, entry.view) == ("log", amina, "readers")
        assert "Att du läser loggen loggas också." in page.words

    def test_asks_as_few_questions_however_long_the_log_is(
        self, manager, amina, sara, django_assert_max_num_queries
    ):
        for _ in range(60):
            look(sara, amina)

        with django_assert_max_num_queries(11):
            open_page(manager, address(amina))


class TestWhoSeesWhat:
    def test_who_works_with_the_case_sees_own_looks(self, signed_in, amina, sara):
        look(sara, amina)

        page = open_page(signed_in, address(amina))

        assert len(rows(page)) == 1
        assert "dina egna öppningar" in page.words
        assert "Sara" not in page.words

    def test_a_reviewer_with_a_part_in_the_case_sees_all(self, signed_in, karin, amina, sara):
        MembershipFactory(user=karin, role=Role.LOG_REVIEWER)
        look(sara, amina)

        assert "Sara Ny" in open_page(signed_in, address(amina)).words


class TestFilters:
    def test_begin_with_the_last_30_days(self, manager, amina, sara):
        look(sara, amina, at=clock.now() - timedelta(days=31))

        assert "Sara" not in open_page(manager, address(amina)).words
        assert "Sara Ny" in open_page(manager, address(amina) + "?period=90").words

    def test_narrow_to_one_colleague(self, manager, amina, sara, karin):
        look(sara, amina)

        shown = rows(open_page(manager, f"{address(amina)}?vem={sara.public_id}"))

        assert len(shown) == 1
        assert "Sara" in shown[0]

    def test_narrow_to_one_kind_of_event(self, manager, amina, sara):
        look(sara, amina)
        look(sara, amina, action="unmask", view="reveal_number")

        shown = rows(open_page(manager, f"{address(amina)}?handelse=view"))

        assert ["Öppnade personbilden" in row for row in shown] == [True]

    def test_keep_what_was_chosen(self, manager, amina):
        page = open_page(manager, address(amina) + "?period=365&handelse=view")

        chosen = [o.get("value") for o in page.root.iter("option") if "selected" in o.attrib]
        assert {"365", "view"} <= set(chosen)

    @pytest.mark.parametrize("wrong", ["period=7&fore=x", "vem=1", "handelse=x", "fore=9" * 30])
    def test_that_nobody_can_choose_narrow_nothing(self, manager, amina, wrong):
        assert len(rows(open_page(manager, f"{address(amina)}?{wrong}"))) == 1

    def test_that_leave_nothing_say_so(self, manager, amina):
        page = open_page(manager, address(amina) + "?handelse=print")

        assert "Ingen har öppnat uppgifterna under perioden." in page.words


class TestPaging:
    def test_leads_to_the_older_ones_and_back(self, manager, amina, sara, monkeypatch):
        monkeypatch.setattr(readers, "PER_PAGE", 2)
        for n in range(3):
            look(sara, amina, reason=f"nummer {n}")

        asked = address(amina) + "?handelse=view"
        page = open_page(manager, asked)
        older = open_page(manager, address(amina) + page.link("Äldre"))

        assert ["nummer 2" in row or "nummer 1" in row for row in rows(page)] == [True, True]
        assert ["nummer 0" in row for row in rows(older)] == [True]
        assert older.link("Nyaste") == "?handelse=view"

from datetime import date, datetime

import pytest
from django.urls import reverse

from persons.models import AccessLogEntry, Registration, Wish
from staff.models import Role
from tests.factories import (
    AbsenceFactory,
    CaseFactory,
    MembershipFactory,
    MessageFactory,
    NoticeFactory,
    PersonFactory,
    UserFactory,
)
from tests.onboarding.conftest import MONDAY, person_of
from tests.pages import Page, open_page, words

START = reverse("start")


def rows(page: Page) -> list[str]:
    return [words(row) for body in page.root.iter("tbody") for row in body.iter("tr")]


def counts(page: Page) -> dict[str, int]:
    """What the links to the views say."""
    [views] = [e for e in page.root.iter("nav") if e.get("aria-label") == "Vyer"]
    texts = [words(link).removesuffix("personer").strip() for link in views.iter("a")]
    return {label: int(count) for label, count in (text.rsplit(" ", 1) for text in texts)}


class TestStart:
    def test_lists_my_people_with_their_next_step_and_date(self, signed_in, karin):
        person_of(
            karin,
            given_name="Amina",
            family_name="Exempel",
            identity_number="199006022397",
            case={"decided_on": date(2026, 11, 20)},
        )

        page = open_page(signed_in, START)

        assert page.heading == "Mina personer"
        assert page.title == "Mina personer – Meddelanden"
        assert "Måndag 23 november" in page.words
        assert len(rows(page)) == 1
        assert rows(page)[0] == (
            "Amina Exempel, 1990 Koppla på e-tjänsten för Amina Exempel Beslut 20 november "
            "Du fredag 27 november"
        )

    def test_leads_to_the_person_and_to_the_next_step(self, signed_in, amina):
        page = open_page(signed_in, START)

        assert page.link("Amina Exempel") == amina.get_absolute_url()
        step = reverse("switch_on", args=[amina.public_id])
        assert page.link("Koppla på e-tjänsten för Amina Exempel") == step

    def test_shows_nobody_elses_people(self, stranger, amina):
        page = open_page(stranger, START)

        assert "Amina" not in page.words
        assert "Du har inga personer ännu." in page.words
        assert set(counts(page).values()) == {0}

    def test_leads_a_manager_without_people_to_those_of_the_unit(self, client, office, amina):
        client.force_login(UserFactory(role=Role.UNIT_MANAGER, unit=office))

        page = open_page(client, START)

        assert "Du har inga egna personer." in page.words
        assert "Prata med enhetschefen" not in page.words

    def test_shows_no_people_from_closed_cases_or_former_roles(self, signed_in, karin):
        person_of(karin, case={"closed_on": date(2026, 11, 1)})
        person = PersonFactory()
        CaseFactory(person=person, case_worker=karin)  # she is no case worker any more
        past = {"valid_from": date(2025, 1, 1), "valid_until": date(2026, 11, 22)}
        MembershipFactory(user=karin, role=Role.CASE_WORKER, **past)

        assert rows(open_page(signed_in, START + "?vy=alla")) == []

    def test_counts_what_each_view_shows(self, signed_in, karin):
        """One of each, and the late one is also something to do."""
        person_of(karin)
        person_of(karin, case={"decided_on": date(2026, 11, 2)})
        person_of(karin, account__failed=True)
        person_of(karin, protected=True)
        person_of(karin, account__wish=Wish.NO, account__ask_again_on=date(2027, 2, 1))
        _everything_done(karin)

        shown = counts(open_page(signed_in, START))

        assert shown == {
            "Att göra": 4, "Försenade": 1, "Åtgärda": 1, "Väntar": 1, "Klara": 1, "Alla": 6
        }  # fmt: skip
        for view, count in zip(
            ("att-gora", "forsenade", "atgarda", "vantar", "klara", "alla"),
            shown.values(),
            strict=True,
        ):
            assert len(rows(open_page(signed_in, f"{START}?vy={view}"))) == count

    def test_puts_what_is_to_be_corrected_first_and_what_is_late_second(self, signed_in, karin):
        person_of(karin, given_name="Cecilia")
        person_of(karin, given_name="Bo", case={"decided_on": date(2026, 11, 2)})
        person_of(karin, given_name="Amina", account__failed=True)

        shown = rows(open_page(signed_in, START))

        assert [row.split()[0] for row in shown] == ["Amina", "Bo", "Cecilia"]
        assert "Försenad 10 vardagar" in shown[1]

    def test_calls_what_is_to_be_corrected_late_when_its_day_has_passed(self, signed_in, karin):
        person = person_of(karin, given_name="Bo", account__active=True)
        MessageFactory(person=person, readable=True)
        wednesday = MONDAY.replace(day=18)
        NoticeFactory(person=person, undelivered=True, settled_at=wednesday)

        [row] = rows(open_page(signed_in, START + "?vy=forsenade"))

        assert "Rätta mobilnumret för Bo" in row
        assert "Åtgärda" in row
        assert row.endswith("Försenad 2 vardagar")

    def test_names_no_protected_person(self, signed_in, karin):
        person = person_of(karin, given_name="Amina", family_name="Hemlig", protected=True)

        page = open_page(signed_in, START)

        assert "Skyddad person" in rows(page)[0]
        for secret in ("Amina", "Hemlig", str(person.birth_year), person.mobile, person.email):
            assert secret not in page.response.content.decode()

    @pytest.mark.parametrize("view", ["finns-inte", "", "atgarda'--"])
    def test_shows_what_is_to_be_done_for_a_view_that_it_does_not_know(
        self, signed_in, amina, view
    ):
        page = open_page(signed_in, f"{START}?vy={view}")

        assert "vyn Att göra" in page.words
        assert len(rows(page)) == 1

    @pytest.mark.parametrize("number", ["0", "-1", "99", "x", "٣"])
    def test_shows_a_page_for_any_page_number(self, signed_in, amina, number):
        assert len(rows(open_page(signed_in, f"{START}?sida={number}"))) == 1

    def test_splits_a_long_list_into_pages(self, signed_in, karin):
        for _ in range(51):
            person_of(karin)

        page = open_page(signed_in, START + "?vy=alla")

        assert len(rows(page)) == 50
        assert "Sida 1 av 2" in page.words
        assert len(rows(open_page(signed_in, START + page.link("Nästa")))) == 1

    @pytest.mark.parametrize("vy", ["forsenade", "atgarda", "vantar", "klara"])
    def test_says_what_an_empty_view_means_and_leads_on(self, signed_in, amina, vy):
        page = open_page(signed_in, f"{START}?vy={vy}")

        assert rows(page) == []
        assert page.link("Visa alla personer") == f"{START}?vy=alla"

    @pytest.mark.parametrize("people", [2, 40])
    def test_asks_as_few_questions_however_many_people(
        self, signed_in, karin, people, django_assert_max_num_queries
    ):
        for _ in range(people):
            _everything_done(karin)

        with django_assert_max_num_queries(8):
            page = open_page(signed_in, START + "?vy=alla")

        assert len(rows(page)) == people


class TestASubstitute:
    def test_sees_the_work_of_who_is_away_and_for_whom_it_is(self, client, office, karin, amina):
        erik = UserFactory(role=Role.SUPPORT_CONTACT, unit=office)
        AbsenceFactory(user=karin, substitute=erik)
        person_of(erik, given_name="Bo")
        client.force_login(erik)

        page = open_page(client, START)

        [for_karin] = [row for row in rows(page) if "Amina" in row]
        [own] = [row for row in rows(page) if "Bo" in row]
        assert "för Karin Ek" in for_karin
        assert for_karin.endswith(" Du")
        assert "för Karin Ek" not in own


class TestAManager:
    @pytest.fixture
    def as_eva(self, client, office):
        client.force_login(UserFactory(role=Role.UNIT_MANAGER, unit=office))
        return client

    def in_unit(self, user, office, **facts):
        return person_of(user, **facts, case={"unit": office})

    def test_sees_everybody_with_an_open_case_in_the_unit_by_name(self, as_eva, karin, office):
        for name in ("Örjan", "Åsa", "Bo"):
            self.in_unit(karin, office, given_name=name, family_name=name)
        person_of(karin, given_name="Elsewhere")
        self.in_unit(karin, office, protected=True)

        page = open_page(as_eva, reverse("unit_persons"))

        assert [row.split()[0] for row in rows(page)] == ["Bo", "Åsa", "Örjan"]
        assert page.link("Enhetens personer") == reverse("unit_persons")

    def test_finds_those_who_have_no_case_worker(self, as_eva, karin, office):
        self.in_unit(karin, office, given_name="Bo")
        sara = UserFactory(role=Role.CASE_WORKER, unit=office)
        CaseFactory(unit=office, case_worker=sara)

        page = open_page(as_eva, reverse("unit_persons") + "?vy=utan-handlaggare")

        assert [row.split()[0] for row in rows(page)] == ["Bo"]

    def test_leaves_one_row_in_the_log(self, as_eva, karin, office):
        person = self.in_unit(karin, office)

        open_page(as_eva, reverse("unit_persons"))

        assert AccessLogEntry.objects.get().listed == [person.pk]

    def test_learns_how_many_wait_for_an_answer(self, as_eva, office):
        asked = {"unit": office, "asked_by": UserFactory(), "number": "IFO-9"}
        Registration.objects.create(identity_number="199107172380", **asked)

        page = open_page(as_eva, START)

        assert page.link("1 ny person väntar på ditt svar") == reverse("registrations")

    @pytest.mark.parametrize("people", [2, 40])
    def test_asks_as_few_questions_however_many_people(
        self, as_eva, karin, office, people, django_assert_max_num_queries
    ):
        for _ in range(people):
            self.in_unit(karin, office, account__active=True)

        with django_assert_max_num_queries(12):
            page = open_page(as_eva, reverse("unit_persons"))

        assert len(rows(page)) == people

    def test_has_a_page_that_others_do_not_have(self, signed_in):
        assert signed_in.get(reverse("unit_persons")).status_code == 404


class TestAccessLogOfStart:
    def test_is_one_row_with_everybody_on_the_page(self, signed_in, karin):
        seen = [person_of(karin).pk for _ in range(3)]
        person_of(karin, account__wish=Wish.NO, account__ask_again_on=date(2027, 2, 1))

        open_page(signed_in, START)

        [entry] = AccessLogEntry.objects.all()
        assert (entry.action, entry.person) == (AccessLogEntry.Action.LIST, None)
        assert sorted(entry.listed) == seen
        assert (entry.user, entry.role) == (karin, Role.SUPPORT_CONTACT)


def _everything_done(user):
    """Welcomed, signed in, asked about relations, and written with."""
    person = person_of(user, account__active=True)
    moment = datetime(2026, 11, 20, 9, tzinfo=MONDAY.tzinfo)
    type(person.account).objects.filter(person=person).update(first_signed_in_at=moment)
    person.relations_answers.create(answer="no", by=user)
    MessageFactory(person=person, letter=True, written_by=user)
    MessageFactory(person=person, reply=True)
    MessageFactory(person=person, readable=True, readable_at=moment, written_by=user)
    return person

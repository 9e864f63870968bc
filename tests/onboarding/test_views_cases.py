from datetime import date

import pytest
from django.urls import reverse

from persons.models import Case
from staff.models import Role, Unit, User
from tests.factories import CaseFactory, EmergencyAccessFactory, UnitFactory, UserFactory
from tests.onboarding.conftest import person_of
from tests.pages import Page, follow, open_page


@pytest.fixture
def sara(office) -> User:
    return UserFactory(first_name="Sara", last_name="Ny", role=Role.CASE_WORKER, unit=office)


@pytest.fixture
def case(karin, sara, office) -> Case:
    return person_of(
        karin,
        given_name="Amina",
        case={"number": "IFO-7", "unit": office, "case_worker": sara, "decided_on": "2026-11-02"},
    ).cases.get()


@pytest.fixture
def as_sara(client, sara):
    client.force_login(sara)
    return client


def at(name: str, case: Case) -> str:
    args = (
        [case.person.public_id]
        if name in {"cases", "add_case"}
        else [case.person.public_id, case.pk]
    )
    return reverse(name, args=args)


class TestCases:
    def test_tell_the_dates_and_whose_work_it_is(self, as_sara, case):
        page = open_page(as_sara, at("cases", case))

        assert page.heading == "Ärenden"
        assert "Ärende IFO-7" in page.words
        assert "Beslut 2 november 2026" in page.words
        assert "Ansvarar för steg 1 Handläggaren, Sara Ny, tills insatsen verkställs." in page.words

    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            (
                {"executed_on": date(2026, 12, 1)},
                "Handläggaren, Sara Ny. Kontaktpersonen, Karin Ek, från 1 december 2026.",
            ),
            (
                {"executed_on": date(2026, 11, 23)},
                "Kontaktpersonen, Karin Ek, sedan insatsen verkställdes 23 november 2026.",
            ),
            (
                {"executed_on": date(2026, 11, 23), "support_contact": None},
                "Insatsen är verkställd, men ingen kontaktperson är vald.",
            ),
            ({"case_worker": None}, "Ingen handläggare är vald."),
        ],
    )
    def test_tell_when_responsibility_moves(self, client, office, case, facts, words):
        Case.objects.filter(pk=case.pk).update(**facts)
        client.force_login(UserFactory(role=Role.UNIT_MANAGER, unit=office))

        assert words in open_page(client, at("cases", case)).words

    def test_of_other_units_are_not_shown(self, as_sara, case):
        CaseFactory(person=case.person, number="ANNAN-8")

        assert "ANNAN-8" not in open_page(as_sara, at("cases", case)).words

    def test_offer_only_what_the_user_may_do(self, signed_in, case):
        page = open_page(signed_in, at("cases", case))

        assert page.link("Ändra IFO-7") == at("change_case", case)
        assert "Avsluta" not in page.words

    def test_can_be_read_and_not_touched_by_who_opened_in_an_emergency(self, client, case):
        user = UserFactory(role=Role.CASE_WORKER)
        EmergencyAccessFactory(person=case.person, user=user)
        client.force_login(user)

        page = open_page(client, at("cases", case))

        assert "IFO-7" in page.words
        assert "Ändra" not in page.words
        for name in ("add_case", "change_case", "transfer_case", "close_case"):
            assert client.get(at(name, case)).status_code == 404


class TestAddCase:
    def form(self, client, case):
        return open_page(client, at("add_case", case)).form("Registrera ärendet")

    def test_registers_another_one(self, as_sara, case, sara):
        response = self.form(as_sara, case).send(
            as_sara, number=" IFO  8 ", decided_on="20 november 2026", case_worker=str(sara.pk)
        )

        assert "Ärendet är registrerat." in follow(as_sara, response).status
        new = case.person.cases.latest("pk")
        assert (new.number, new.decided_on) == ("IFO 8", date(2026, 11, 20))
        assert new.case_worker == sara

    def test_sent_twice_is_one(self, as_sara, case):
        form = self.form(as_sara, case)
        form.send(as_sara, number="IFO-8")

        form.send(as_sara, number="IFO-8")

        assert case.person.cases.count() == 2

    @pytest.mark.parametrize(
        ("typed", "target", "text"),
        [
            ({"number": ""}, "id_number", "Skriv ärendenumret."),
            ({"number": "IFO-9"}, "id_number", "Ärendenumret finns redan. Kontrollera numret."),
            (
                {"decided_on": "2026-11-24"},
                "id_decided_on",
                "Datumet har inte varit än. Skriv ett datum som har varit.",
            ),
            ({"case_worker": "karin"}, "id_case_worker", "Välj någon i listan."),
            ({"unit": "0"}, "id_unit", "Välj en enhet där du arbetar."),
        ],
    )
    def test_says_what_to_correct_and_keeps_what_was_typed(
        self, as_sara, case, typed, target, text
    ):
        CaseFactory(number="IFO-9")
        all_typed = {"number": "IFO-8", "executed_on": "2026-12-24"} | typed

        page = Page(self.form(as_sara, case).send(as_sara, **all_typed))

        assert page.errors() == {target: text}
        assert page.error_at(target) == text
        assert page.form("Registrera ärendet").value("executed_on") == "2026-12-24"


class TestChangeCase:
    def form(self, client, case):
        return open_page(client, at("change_case", case)).form("Spara ärendet")

    def test_saves_dates_and_workers(self, as_sara, case, office):
        jonas = UserFactory(first_name="Jonas", role=Role.CASE_WORKER, unit=office)
        form = self.form(as_sara, case)
        assert form.value("decided_on") == "2026-11-02"

        response = form.send(as_sara, executed_on="2026-11-20", case_worker=str(jonas.pk))

        # The case is Jonas's now, so it is no longer hers to see.
        assert response["Location"] == reverse("start")
        case.refresh_from_db()
        assert (case.case_worker, case.executed_on) == (jonas, date(2026, 11, 20))

    def test_asks_the_support_contact_for_no_workers(self, signed_in, case):
        form = self.form(signed_in, case)
        assert "case_worker" not in form.values

        form.send(signed_in, executed_on="2026-11-20")

        case.refresh_from_db()
        assert case.executed_on == date(2026, 11, 20)
        assert case.case_worker is not None

    def test_stops_an_old_form_and_shows_what_differs(self, as_sara, case):
        form = self.form(as_sara, case)
        self.form(as_sara, case).send(as_sara, executed_on="2026-11-20")

        response = form.send(as_sara, executed_on="19 november 2026")

        page = Page(response)
        assert response.status_code == 409
        assert "Insatsen verkställd 2026-11-19 2026-11-20" in page.words
        page.form("Spara mina värden").send(as_sara)
        case.refresh_from_db()
        assert case.executed_on == date(2026, 11, 19)

    def test_says_which_dates_are_out_of_order(self, as_sara, case):
        page = Page(self.form(as_sara, case).send(as_sara, executed_on="2026-11-01"))

        assert page.error_at("id_executed_on") == (
            "Insatsen är verkställd före beslutet. Kontrollera datumen."
        )


class TestTransferCase:
    @pytest.fixture
    def families(self) -> Unit:
        return UnitFactory(name="Familjeenheten")

    def form(self, client, case):
        return open_page(client, at("transfer_case", case)).form("Flytta ärendet")

    def test_moves_the_case_and_leads_away_from_the_person(self, as_sara, case, families):
        response = self.form(as_sara, case).send(as_sara, unit=str(families.pk))

        assert response["Location"] == reverse("start")
        assert "Ärendet är flyttat till Familjeenheten." in follow(as_sara, response).status
        case.refresh_from_db()
        assert case.unit == families

    def test_asks_which_unit_and_for_a_worker_of_that_unit(self, as_sara, case, families, sara):
        form = self.form(as_sara, case)

        page = Page(form.send(as_sara))
        assert page.error_at("id_unit") == "Välj enhet."

        page = Page(form.send(as_sara, unit=str(families.pk), case_worker=str(sara.pk)))
        assert page.error_at("id_case_worker").startswith("Handläggaren arbetar inte på den")

    def test_of_a_case_that_changed_meanwhile_moves_nothing(self, as_sara, case, families):
        form = self.form(as_sara, case)
        Case.objects.filter(pk=case.pk).update(version=3)

        page = follow(as_sara, form.send(as_sara, unit=str(families.pk)))

        assert "Ärendet ändrades av någon annan." in page.status


class TestCloseCase:
    def test_says_what_closes_and_closes_it(self, as_sara, case):
        page = open_page(as_sara, at("close_case", case))
        assert page.heading == "Avsluta ärende IFO-7?"
        assert "Åtkomsten för alla relationer." in page.words

        response = page.form("Avsluta ärendet").send(as_sara)

        assert "Ärendet är avslutat." in follow(as_sara, response).status
        case.refresh_from_db()
        assert case.closed_on == date(2026, 11, 23)

    def test_says_that_everything_stays_with_another_case_of_theirs(
        self, as_sara, case, sara, office
    ):
        CaseFactory(person=case.person, unit=office, case_worker=sara)

        page = open_page(as_sara, at("close_case", case))

        assert "E-tjänsten och relationerna är kvar." in page.words
        assert "Åtkomsten för alla relationer." not in page.words

    def test_says_the_same_whether_another_unit_has_a_case_or_not(self, as_sara, case):
        alone = open_page(as_sara, at("close_case", case)).words
        CaseFactory(person=case.person)

        assert open_page(as_sara, at("close_case", case)).words == alone

    def test_twice_is_once(self, as_sara, case):
        form = open_page(as_sara, at("close_case", case)).form("Avsluta ärendet")
        form.send(as_sara)

        assert form.send(as_sara).status_code == 404

    def test_asks_for_a_day_that_can_be(self, as_sara, case):
        form = open_page(as_sara, at("close_case", case)).form("Avsluta ärendet")

        page = Page(form.send(as_sara, closed_on="2026-11-24"))

        assert page.error_at("id_closed_on").startswith("Datumet har inte varit än.")

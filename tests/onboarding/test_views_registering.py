import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from persons.models import AccessLogEntry, Case, Person, Protection, Registration
from staff.models import Role, Unit, User
from tests.factories import (
    CaseFactory,
    PersonFactory,
    RelationFactory,
    UnitFactory,
    UserFactory,
)
from tests.onboarding.conftest import person_of
from tests.pages import Page, follow, open_page
from tests.signing_in import force_login

ADD, ASKED = reverse("add_person"), reverse("registrations")
UNKNOWN = "199107172380"
TYPED = {
    "given_name": "Amina",
    "family_name": "Exempel",
    "protection": "none",
    "mobile": "070-174 06 05",
    "number": "IFO-9",
    "decided_on": "2026-11-20",
}


@pytest.fixture
def sara(office) -> User:
    return UserFactory(first_name="Sara", last_name="Ny", role=Role.CASE_WORKER, unit=office)


@pytest.fixture
def as_sara(client, sara) -> Client:
    force_login(client, sara)
    return client


@pytest.fixture
def as_eva(office) -> Client:
    client = Client()
    force_login(client, UserFactory(first_name="Eva", role=Role.UNIT_MANAGER, unit=office))
    return client


def details(client: Client, number: str = UNKNOWN) -> Page:
    """The page that follows the number."""
    form = open_page(client, ADD).form("Fortsätt")
    return Page(form.send(client, identity_number=number))


def add(client: Client, person: str = UNKNOWN, **typed: str):
    return details(client, person).form("Lägg till person").send(client, **TYPED | typed)


class TestTheNumber:
    @pytest.mark.parametrize(
        ("typed", "text"),
        [
            ("", "Skriv personnumret med 12 siffror."),
            ("9107172380", "Skriv personnumret med 12 siffror, så att århundradet syns."),
            ("199107172381", "Personnumret stämmer inte. Kontrollera siffrorna."),
            ("209001012385", "Personnumret stämmer inte. Kontrollera siffrorna."),
            ("Amina", "Skriv personnumret med 12 siffror, till exempel 19850312-1234."),
        ],
    )
    def test_is_checked_and_kept(self, as_sara, typed, text):
        page = details(as_sara, typed)

        assert page.error_at("id_identity_number") == text
        assert page.form("Fortsätt").value("identity_number") == typed

    @pytest.mark.parametrize("typed", ["910717-2380", "19701063-2391"])
    def test_may_be_written_in_several_ways_and_be_a_samordningsnummer(self, as_sara, typed):
        assert "finns inte bland dina personer" in details(as_sara, typed).words

    def test_of_ones_own_leads_to_the_person(self, as_sara, sara, office):
        case = {"unit": office, "support_contact": None, "case_worker": sara}
        person = PersonFactory(identity_number=UNKNOWN)
        CaseFactory(person=person, **case)
        form = open_page(as_sara, ADD).form("Fortsätt")

        response = form.send(as_sara, identity_number=UNKNOWN)

        assert response["Location"] == reverse("cases", args=[person.public_id])
        assert "Personen finns redan." in follow(as_sara, response).status

    def test_is_in_no_address(self, as_sara):
        response = add(as_sara)

        assert "1991" not in details(as_sara).address + response["Location"]

    def test_is_asked_for_only_by_those_who_work_with_people(self, client, office):
        force_login(client, UserFactory(role=Role.SYSTEM_ADMIN, unit=office))

        assert client.get(ADD).status_code == client.get(ASKED).status_code == 404


class TestAdding:
    def test_asks_the_manager_and_registers_nobody(self, as_sara, sara, office):
        response = add(as_sara)

        status = follow(as_sara, response).status
        assert "Enhetschefen på Stödteamet har fått frågan." in status
        assert not Person.objects.exists()
        asked = Registration.objects.get()
        assert (asked.identity_number, asked.asked_by, asked.unit) == (UNKNOWN, sara, office)
        assert (asked.case_worker, asked.mobile_e164) == (sara, "+46701740605")

    def test_sent_twice_is_one(self, as_sara):
        form = details(as_sara).form("Lägg till person")

        for _time in range(2):
            assert form.send(as_sara, **TYPED)["Location"] == ASKED

        assert Registration.objects.count() == 1

    def test_by_a_manager_is_done_at_once(self, as_eva, karin):
        response = add(as_eva, support_contact=str(karin.pk))

        page = follow(as_eva, response)
        assert page.address == Person.objects.get().get_absolute_url()
        assert "Ärendet är registrerat på Stödteamet." in page.status
        case = Case.objects.get()
        assert (case.support_contact, case.number) == (karin, "IFO-9")
        assert case.person.account.state == "off"

    @pytest.mark.parametrize(
        ("typed", "target", "text"),
        [
            ({"given_name": ""}, "id_given_name", "Skriv förnamnet."),
            ({"number": ""}, "id_number", "Skriv ärendenumret."),
            ({"number": "FINNS"}, "id_number", "Ärendenumret finns redan. Kontrollera numret."),
            ({"email": "amina"}, "id_email", "E-postadressen saknar @."),
            ({"mobile": "0121-181 00"}, "id_mobile", "Numret är ett fast telefonnummer"),
            ({"protection": ""}, "id_protection_0", "Svara på om personen har skyddade"),
            ({"investigation_opened_on": "2026-11-21"}, "id_decided_on", "Beslutet är före"),
        ],
    )
    def test_says_what_to_correct_and_keeps_what_was_typed(self, as_sara, typed, target, text):
        CaseFactory(number="FINNS")

        page = Page(add(as_sara, **{"interpreter": "arabiska"} | typed))

        assert list(page.errors()) == [target]
        assert page.error_at(target).startswith(text)
        form = page.form("Lägg till person")
        assert form.value("interpreter") == "arabiska"
        assert form.value("identity_number") == UNKNOWN
        assert not Registration.objects.exists()

    def test_in_a_unit_where_one_does_not_work_is_refused(self, as_sara):
        page = Page(add(as_sara, unit=str(UnitFactory().pk)))

        assert page.error_at("id_unit") == "Välj en enhet där du arbetar."


def everybody() -> dict[str, str]:
    """Numbers of all kinds of people whom Sara does not see."""
    elsewhere = CaseFactory()
    return {
        "unknown": UNKNOWN,
        "elsewhere": elsewhere.person.identity_number,
        "protected": CaseFactory(person__protected=True).person.identity_number,
        "unknown protection": CaseFactory(person__protection="unknown").person.identity_number,
        "closed": CaseFactory(closed_on="2026-01-01").person.identity_number,
        "relative": RelationFactory().representative.identity_number,
        "deceased": CaseFactory(person__deceased=True).person.identity_number,
    }


class TestAStranger:
    """Nothing that comes back tells who is known: not words, status, headers or the work done."""

    def told(self, client: Client, number: str) -> list[object]:
        form = {"identity_number": number}
        whole = form | TYPED | {"unit": str(Unit.objects.get(name="Stödteamet").pk)}
        wrong = whole | {"number": "", "submission": str(uuid4())}
        asked = whole | {"number": f"IFO-{number[-4:]}", "submission": str(uuid4())}
        told: list[object] = []
        for values in (form, wrong, asked):
            with CaptureQueriesContext(connection) as queries:
                response = client.post(ADD, values)
            told += [response.status_code, self.page(response, number), len(queries)]
        with CaptureQueriesContext(connection) as queries:
            response = client.get(ASKED)
        told += [self.page(response, number), len(queries)]
        Registration.objects.all().delete()
        return told

    def page(self, response, number: str) -> str:
        """What is about nobody but who was typed is the same for all."""
        text = response.content.decode() + str(sorted(response.headers.items()))
        text = re.sub(r'(submission" value=")[^"]+|(csrfmiddlewaretoken" value=")[^"]+', "", text)
        text = re.sub(
            r"('Expires', ')[^']+|data-seconds=\"\d+|<input type=.hidden.[^>]*>", "", text
        )
        return text.replace(f"{number[2:8]}-{number[8:]}", "N").replace(number[-4:], "N")

    def test_cannot_tell_who_is_known(self, as_sara):
        people = everybody()
        told = {who: self.told(as_sara, number) for who, number in people.items()}

        for who, answer in told.items():
            assert answer == told["unknown"], who

    def test_changes_nothing_that_is_known(self, as_sara):
        numbers = everybody()
        before = list(Person.objects.order_by("pk").values())

        for n, number in enumerate(numbers.values()):
            add(as_sara, number, number=f"IFO-{n}")

        assert list(Person.objects.order_by("pk").values()) == before
        assert Registration.objects.count() == len(numbers)

    def test_is_written_down_with_whom_it_was_about(self, as_sara, sara):
        person = CaseFactory().person

        details(as_sara, person.identity_number)

        entry = AccessLogEntry.objects.get(user=sara)
        assert (entry.person, entry.refused, entry.action) == (person, True, "create")


class TestTheManager:
    def test_sees_what_was_typed_and_opens_the_case(self, as_sara, as_eva, sara):
        add(as_sara)

        page = open_page(as_eva, open_page(as_eva, ASKED).link("Amina Exempel"))
        assert "Sara Ny vill arbeta med den här personen." in page.words
        assert "910717-2380" in page.words
        response = page.form("Ja, registrera ärendet").send(as_eva)

        assert "Ärendet är registrerat på Stödteamet." in follow(as_eva, response).status
        case = Case.objects.get()
        assert (case.case_worker, case.person.given_name) == (sara, "Amina")
        asked = open_page(as_sara, ASKED)
        assert asked.link("IFO-9") == case.person.get_absolute_url()
        assert "Amina" not in asked.words

    def test_can_say_no_and_then_nothing_is_kept(self, as_sara, as_eva):
        add(as_sara)
        page = open_page(as_eva, open_page(as_eva, ASKED).link("Amina Exempel"))

        empty = Page(page.form("Nej").send(as_eva))
        assert empty.error_at("id_refusal") == "Skriv varför, så att den som frågade förstår."
        page.form("Nej").send(as_eva, refusal="Ärendet är Jonas.")

        assert "Ärendet är Jonas." in open_page(as_sara, ASKED).words
        asked = Registration.objects.get()
        assert not Person.objects.exists()
        assert (asked.identity_number, asked.given_name, asked.mobile) == ("", "", "")

    def test_adds_a_case_to_who_is_known_and_overwrites_nothing(self, as_sara, as_eva):
        known = person_of(UserFactory(role=Role.SUPPORT_CONTACT), identity_number=UNKNOWN)
        add(as_sara, given_name="Någon", family_name="Annan")
        page = open_page(as_eva, open_page(as_eva, ASKED).link("Någon Annan"))

        page.form("Ja").send(as_eva)

        person = Person.objects.get()
        assert (person.full_name, person.mobile) == (known.full_name, known.mobile)
        assert person.cases.count() == 2

    def test_of_a_protected_person_sees_that_the_case_is_there_and_nobody(self, as_sara, as_eva):
        CaseFactory(person__protected=True, person__identity_number=UNKNOWN)
        add(as_sara)
        page = open_page(as_eva, open_page(as_eva, ASKED).link("Amina Exempel"))

        page.form("Ja").send(as_eva)

        assert Case.objects.filter(number="IFO-9").exists()
        seen = open_page(as_sara, ASKED)
        assert "Ser du inte personen? Prata med enhetschefen." in seen.words

    def test_adds_who_may_be_protected_so_that_nobody_sees_the_person(self, as_sara, as_eva):
        add(as_sara, protection="unknown")
        page = open_page(as_eva, open_page(as_eva, ASKED).link("Amina Exempel"))

        page.form("Ja").send(as_eva)

        assert Person.objects.get().protection == Protection.UNKNOWN

    @pytest.mark.parametrize("asker", ["as_sara", "as_eva"])
    def test_marks_who_is_known_and_may_be_protected(self, request, asker, as_eva):
        """The worker has seen something that those who know the person have not."""
        known = person_of(UserFactory(role=Role.SUPPORT_CONTACT), identity_number=UNKNOWN)
        add(request.getfixturevalue(asker), protection="unknown")

        if asker == "as_sara":
            page = open_page(as_eva, open_page(as_eva, ASKED).link("Amina Exempel"))
            page.form("Ja").send(as_eva)

        known.refresh_from_db()
        assert known.protection == Protection.UNKNOWN
        assert known.events.filter(kind="protection_marked").exists()

    def test_who_answers_second_learns_it(self, as_sara, as_eva):
        add(as_sara)
        page = open_page(as_eva, open_page(as_eva, ASKED).link("Amina Exempel"))
        page.form("Ja").send(as_eva)

        assert page.form("Nej").send(as_eva, refusal="Nej").status_code == 404
        assert Case.objects.count() == 1

    def test_learns_that_the_number_was_taken_meanwhile(self, as_sara, as_eva):
        add(as_sara)
        page = open_page(as_eva, open_page(as_eva, ASKED).link("Amina Exempel"))
        CaseFactory(number="IFO-9")

        response = page.form("Ja").send(as_eva)

        assert "Ärendenumret finns redan." in follow(as_eva, response).status
        assert Registration.objects.waiting().exists()

    def test_of_another_unit_sees_nothing(self, as_sara, client):
        add(as_sara)
        other = Client()
        force_login(other, UserFactory(role=Role.UNIT_MANAGER))

        address = reverse("registration", args=[Registration.objects.get().public_id])
        assert other.get(address).status_code == other.post(address).status_code == 404
        assert "Amina" not in open_page(other, ASKED).words

    def test_has_a_page_also_when_nobody_asks(self, as_eva):
        assert "Ingen väntar på svar." in open_page(as_eva, ASKED).words

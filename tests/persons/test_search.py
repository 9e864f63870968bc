from datetime import date

import pytest

from persons import search
from persons.models import Protection
from persons.search import Kind, NotSearchable, Term
from staff.models import Role
from tests.factories import (
    AbsenceFactory,
    CaseFactory,
    EmergencyAccessFactory,
    PersonFactory,
    UnitFactory,
    UserFactory,
)

TODAY = date(2026, 11, 23)


class TestRead:
    @pytest.mark.parametrize(
        ("typed", "kind", "text"),
        [
            ("  Amina ", Kind.NAME, "amina"),
            ("de  la CRUZ", Kind.NAME, "de la cruz"),
            ("Ek-Lund", Kind.NAME, "ek lund"),
            ("199006022397", Kind.IDENTITY_NUMBER, "199006022397"),
            ("19900602 2397", Kind.IDENTITY_NUMBER, "199006022397"),
            ("19900602-2397", Kind.IDENTITY_NUMBER, "199006022397"),
            ("900602-2397", Kind.IDENTITY_NUMBER, "199006022397"),
            ("197010632391", Kind.IDENTITY_NUMBER, "197010632391"),
            ("2397", Kind.LAST_FOUR, "2397"),
            ("IFO-2026-101", Kind.CASE_NUMBER, "IFO-2026-101"),
            ("2026-0001", Kind.CASE_NUMBER, "2026-0001"),
        ],
    )
    def test_tells_by_the_shape_what_is_searched_for(self, typed, kind, text):
        assert search.read(typed, today=TODAY) == Term(kind, text)

    @pytest.mark.parametrize("typed", ["", "  ", "ek", "é 'k", "-- .", "å ö"])
    def test_asks_for_three_letters_of_a_name(self, typed):
        with pytest.raises(NotSearchable, match="minst tre bokstäver"):
            search.read(typed, today=TODAY)

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ("199006022398", "Kontrollera siffrorna"),
            ("9006022397", "så att århundradet syns"),
            ("1990060223971", "med 12 siffror"),
        ],
    )
    def test_says_what_is_wrong_with_a_number(self, typed, words):
        with pytest.raises(NotSearchable, match=words):
            search.read(typed, today=TODAY)


def read(typed: str) -> Term:
    return search.read(typed, today=TODAY)


@pytest.fixture
def karin():
    return UserFactory(role=Role.SUPPORT_CONTACT)


def of(user, **person):
    """Somebody whose support contact the user is."""
    return CaseFactory(support_contact=user, **_person({"given_name": "Bo"} | person)).person


def _person(fields):
    return {f"person__{name}": value for name, value in fields.items()}


@pytest.mark.django_db
class TestFind:
    @pytest.mark.parametrize(
        "typed",
        ["exe", "EXEMPEL", "amina", "ami exe", "exempel amina", "amina exempel", "amína"],
    )
    def test_finds_by_the_beginning_of_either_name_or_both(self, karin, typed):
        amina = of(karin, given_name="Amina", family_name="Exempel")
        of(karin, family_name="Prov")

        assert search.find(read(typed), user=karin).own == [amina]

    @pytest.mark.parametrize(
        "typed", ["xempel", "mina", "exempel bo", "amina exempelsson", "åmina"]
    )
    def test_finds_no_other_part_and_no_other_letter(self, karin, typed):
        of(karin, given_name="Amina", family_name="Exempel")

        assert search.find(read(typed), user=karin).persons == []

    def test_finds_names_of_several_words_wherever_they_are_parted(self, karin):
        person = of(karin, given_name="Anna-Karin Maria", family_name="de la Cruz")

        for typed in ("anna karin", "de la", "anna karin de la", "de la cruz anna"):
            assert search.find(read(typed), user=karin).own == [person], typed

    def test_finds_by_the_whole_identity_number(self, karin):
        amina = of(karin, identity_number="199006022397")
        of(karin, identity_number="199107172380")

        assert search.find(read("900602-2397"), user=karin).own == [amina]

    def test_finds_by_the_case_number_in_small_letters_too(self, karin):
        case = CaseFactory(support_contact=karin, number="IFO-2026-7")
        CaseFactory(support_contact=karin, number="IFO-2026-70")

        assert search.find(read("ifo-2026-7"), user=karin).own == [case.person]

    def test_finds_nobody_by_the_number_of_a_case_that_is_hidden(self, karin):
        """Else the search would tell whose case it is."""
        amina = of(karin)
        CaseFactory(person=amina, number="IFO-2026-8")

        assert search.find(read("IFO-2026-8"), user=karin).persons == []

    def test_finds_ones_own_by_the_last_four_digits(self):
        unit = UnitFactory()
        manager = UserFactory(role=Role.UNIT_MANAGER, unit=unit)
        CaseFactory(unit=unit, person__identity_number="199006022397")
        karin = UserFactory(role=Role.SUPPORT_CONTACT)
        amina = of(karin, identity_number="199107172380")

        assert search.find(read("2380"), user=karin).own == [amina]
        assert search.find(read("2397"), user=manager).persons == []

    def test_puts_ones_own_first_and_each_group_in_swedish_order(self):
        unit = UnitFactory()
        user = UserFactory(role=Role.UNIT_MANAGER, unit=unit)
        user.memberships.create(role=Role.SUPPORT_CONTACT, unit=unit, valid_from="2020-01-01")
        own = [of(user, family_name=f"Prov{last}") for last in "öäåz"]
        others = [
            CaseFactory(unit=unit, **_person({"family_name": f"Prov{last}"})).person
            for last in "äza"
        ]

        found = search.find(read("prov"), user=user)

        assert found.own == own[::-1]
        assert found.others == [others[2], others[1], others[0]]

    def test_finds_the_work_of_who_is_away_among_ones_own(self, karin):
        erik = UserFactory(role=Role.SUPPORT_CONTACT)
        AbsenceFactory(user=erik, substitute=karin)
        amina = of(erik, family_name="Exempel")

        assert search.find(read("exempel"), user=karin).own == [amina]

    def test_finds_who_was_opened_without_an_assignment_among_the_others(self, karin):
        amina = CaseFactory().person
        EmergencyAccessFactory(user=karin, person=amina)

        for typed in ("exempel", amina.identity_number):
            assert search.find(read(typed), user=karin).others == [amina]

    @pytest.mark.parametrize("role", Role)
    def test_finds_nobody_whom_one_does_not_see(self, role):
        case = CaseFactory()
        user = UserFactory(role=role)

        for typed in ("exempel", case.person.identity_number, case.number):
            assert search.find(read(typed), user=user).persons == []

    def test_neither_shows_nor_counts_who_is_protected(self):
        unit = UnitFactory()
        manager = UserFactory(role=Role.UNIT_MANAGER, unit=unit)
        for _each in range(search.MOST):
            CaseFactory(unit=unit)
        for protection in set(Protection) - {Protection.NONE}:
            CaseFactory(unit=unit, person__protection=protection, support_contact=None)

        found = search.find(read("exempel"), user=manager)

        assert len(found.persons) == search.MOST
        assert not found.more

    def test_shows_who_is_protected_to_who_is_named_and_has_a_whole_number(self, karin):
        amina = of(karin, family_name="Exempel", protected=True)

        assert search.find(read(amina.identity_number), user=karin).own == [amina]
        assert search.find(read("exempel"), user=karin).own == []

    @pytest.mark.parametrize("own", [0, 1, 20, 21])
    def test_shows_twenty_and_says_that_there_are_more(self, own):
        unit = UnitFactory()
        user = UserFactory(role=Role.UNIT_MANAGER, unit=unit)
        user.memberships.create(role=Role.SUPPORT_CONTACT, unit=unit, valid_from="2020-01-01")
        for n in range(21):
            CaseFactory(unit=unit, support_contact=user if n < own else None)

        found = search.find(read("exempel"), user=user)

        assert (len(found.own), len(found.persons), found.more) == (min(own, 20), 20, True)

    def test_finds_each_person_once_however_it_is_found(self, karin):
        both = PersonFactory(given_name="Maria", family_name="Marias")
        CaseFactory(support_contact=karin, person=both)
        CaseFactory(support_contact=karin, person=both)

        assert search.find(read("maria"), user=karin).persons == [both]

import unicodedata

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from persons.models import Person
from persons.swedish_order import begins, sort_key
from tests.factories import PersonFactory

IN_ORDER = [
    "Andersson", "André", "Andrén", "Back", "de la Cruz", "De Laval", "Eklund", "Éneman",
    "Wall", "Zetterlund", "Åberg", "Åström", "Äng", "Ärlig", "Öberg", "Øst", "Östlund",
]  # fmt: skip


class TestSortKey:
    def test_puts_the_three_last_letters_after_z(self):
        backwards = IN_ORDER[::-1]

        assert sorted(backwards, key=sort_key) == IN_ORDER

    def test_reads_an_accented_e_as_e(self):
        assert sort_key("Éva") == sort_key("Eva")

    def test_does_not_see_capitals(self):
        assert sort_key("ÅBERG") == sort_key("åberg")

    def test_reads_a_hyphen_as_a_space_and_any_spaces_as_one(self):
        assert sort_key("Ek-Lund") == sort_key("Ek Lund") == sort_key("  Ek  Lund")

    def test_reads_decomposed_letters_as_the_same_letters(self):
        assert sort_key(unicodedata.normalize("NFD", "Åberg")) == sort_key("Åberg")

    def test_compares_the_given_name_only_within_one_family_name(self):
        assert sort_key("Ek", "Östen") < sort_key("Ek Lund", "Anna")

    @given(st.lists(st.sampled_from("abcxyzåäö"), min_size=1).map("".join), st.text())
    def test_puts_a_name_before_the_longer_name_that_begins_with_it(self, name, more):
        assert sort_key(name) <= sort_key(name + more)


@pytest.mark.django_db
class TestBegins:
    @pytest.mark.parametrize(
        ("typed", "name"),
        [
            ("åb", "Åberg"),
            ("ÅBERG", "Åberg"),
            ("andre", "André"),
            ("éva", "Evasson"),
            ("ek-l", "Ek Lund"),
            ("de la", "  De   LA  Cruz"),
            ("öst", "Øst"),
            (unicodedata.normalize("NFD", "åb"), "Åberg"),
        ],
    )
    def test_finds_a_name_as_swedes_read_it(self, typed, name):
        person = PersonFactory(family_name=name, account=None)

        assert Person.objects.get(begins("sort_key", sort_key(typed))) == person

    @pytest.mark.parametrize("name", ["Aberg", "Äberg", "Berg-Åberg", "Å"])
    def test_finds_no_other_letter_and_no_other_part(self, name):
        PersonFactory(family_name=name, given_name="Åb", account=None)

        assert not Person.objects.filter(begins("sort_key", sort_key("åb")))


@pytest.mark.django_db
class TestOrderOnTheDatabase:
    def test_is_swedish_order(self):
        for name in reversed(IN_ORDER):
            PersonFactory(family_name=name, account=None)

        found = Person.objects.order_by("sort_key").values_list("family_name", flat=True)

        assert list(found) == IN_ORDER

    def test_does_not_depend_on_the_language_of_the_database(self):
        with connection.cursor() as cursor:
            columns = connection.introspection.get_table_description(cursor, "persons_person")

        collations = {column.name: column.collation for column in columns}

        bytewise = {"postgresql": "C", "sqlite": None}
        assert collations["sort_key"] == bytewise[connection.vendor]
        assert collations["given_name_key"] == bytewise[connection.vendor]

    @pytest.mark.parametrize("letter", ["ß", "ﷺ", "İ", "ŉ"])
    def test_has_room_for_names_whose_letters_fold_into_several(self, letter):
        name = letter * 100

        person = PersonFactory(given_name=name, family_name=name, account=None)

        assert Person.objects.get(pk=person.pk).family_name == name

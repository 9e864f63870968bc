"""What may be on, and what may be sent, for somebody with protected data."""

from datetime import date

import pytest
import time_machine

from persons.models import Person, Protection
from tests.factories import PersonFactory, ProtectionDecisionFactory
from web import clock

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel("2026-11-23T09:42:00Z", tick=False):
        yield


class TestRecognised:
    @pytest.mark.parametrize(
        ("word", "meaning"),
        [
            ("none", Protection.NONE),
            (" Nej ", Protection.NONE),
            ("Sekretessmarkering", Protection.CONFIDENTIALITY_MARKING),
            ("confidentiality_marking", Protection.CONFIDENTIALITY_MARKING),
            ("01003", Protection.CONFIDENTIALITY_MARKING),
            ("skyddadFolkbokforing", Protection.PROTECTED_REGISTRATION),
            ("Skyddad folkbokföring", Protection.PROTECTED_REGISTRATION),
            ("01020", Protection.PROTECTED_REGISTRATION),
        ],
    )
    def test_knows_the_words_of_others(self, word, meaning):
        assert Protection.recognised(word) == meaning

    @pytest.mark.parametrize("word", ["", "ja", "0", "1", "kvarskrivning", "fingerad", "false"])
    def test_takes_what_nobody_knows_for_protected(self, word):
        assert Protection.recognised(word) == Protection.UNKNOWN


def answers(person):
    """Of the row and of the table, which must agree."""
    one = Person.objects.get(pk=person.pk).may_use_e_service(on=clock.today())
    many = Person.objects.may_use_e_service(on=clock.today()).filter(pk=person.pk).exists()
    assert one == many
    return one


class TestMayUseEService:
    def test_needs_nothing_for_most_people(self):
        assert answers(PersonFactory())

    def test_is_no_for_the_dead(self):
        assert not answers(PersonFactory(deceased=True))

    @pytest.mark.parametrize("protection", ["confidentiality_marking", "unknown", "new word"])
    def test_needs_a_decision_for_the_protected(self, protection):
        assert not answers(PersonFactory(protection=protection))

    @pytest.mark.parametrize(
        ("facts", "expected"),
        [
            ({}, True),
            ({"valid_from": date(2026, 11, 24)}, False),
            ({"allows_e_service": False}, False),
            ({"ended_at": "2026-11-22T09:00:00Z"}, False),
        ],
    )
    def test_follows_the_decision_that_holds(self, facts, expected):
        person = PersonFactory(protected=True)
        ProtectionDecisionFactory(person=person, **facts)

        assert answers(person) == expected

    def test_is_no_for_the_dead_whatever_was_decided(self):
        person = PersonFactory(protected=True, deceased=True)
        ProtectionDecisionFactory(person=person)

        assert not answers(person)


class TestMayBeNotified:
    def test_is_never_opened_by_a_decision(self):
        person = PersonFactory(protected=True)
        ProtectionDecisionFactory(person=person)

        assert not person.may_be_notified
        assert PersonFactory().may_be_notified
        assert not PersonFactory(deceased=True).may_be_notified


class TestProtectionInWords:
    def test_names_the_kind_that_we_know(self):
        words = PersonFactory(protection="protected_registration").protection_in_words

        assert words == "Skyddad folkbokföring"

    def test_never_names_another(self):
        """Invented identities are a secret in themselves."""
        words = PersonFactory(protection="fictitious_identity").protection_in_words

        assert words == "Okänt, behandlas som skyddade personuppgifter"

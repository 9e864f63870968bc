import pytest

from messaging.wording import delivered, revealing
from messaging.wording.kinds import Medium
from messaging.wording.models import RevealingWord
from messaging.wording.revealing import Lookout, Word
from staff.models import Municipality, Role, Unit
from tests.factories import UnitFactory, UserFactory


class TestFind:
    @pytest.mark.parametrize(
        ("text", "word"),
        [
            ("Socialtjänsten i Söderköping", "socialtjänst"),
            ("SOCIALFÖRVALTNINGEN", "socialförvaltning"),
            ("Stodteam", "stödteam"),
            ("socialtjanst.soderkoping.se", "socialtjänst"),
            ("Vuxenmissbruksteamet", "missbruk"),
            ("Individ-  och\nfamiljeomsorgen", "individ"),
            ("Mvh Anna, soc Ånge", "soc"),
            ("IFO Söderköping", "ifo"),
            ("ifo.soderkoping.se", "ifo"),
            ("lvm-enheten", "LVM"),
        ],
    )
    def test_finds_the_word_in_any_form(self, text, word):
        assert revealing.find(text).word == word

    @pytest.mark.parametrize(
        "text", ["Söderköpings kommun", "Soderkoping", "sockens.se", "Kalifornien", ""]
    )
    def test_lets_innocent_words_pass(self, text):
        assert revealing.find(text) is None


KNOWN = Lookout(
    words=(Word("fritidsbank", "kommunen"), Word("aha", "", is_whole=True)),
    units=("Enhet Norr",),
    names=frozenset({"Karin", "Ek"}),
    addresses=frozenset({"soderkoping.se/meddelanden"}),
)
LINK = "Sms och mejl får inte innehålla länkar. Skriv namnet på e-tjänsten i stället."
PHONE = "Texten innehåller ett telefonnummer. Ta bort det."
NUMBER = "Texten innehåller ett personnummer. Ta bort det."


def said(word: str, better: str) -> str:
    return (
        f"Texten innehåller ”{word}”. Sms och mejl får inte visa vilken verksamhet det gäller. "
        f"Skriv ”{better}”."
    )


class TestFindings:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("Hälsningar Socialtjänsten", said("socialtjänst", "kommunen")),
            ("Du har fått en kallelse", said("kallelse", "meddelande")),
            ("Välkommen till Fritidsbanken", said("fritidsbank", "kommunen")),
            ("Frågor? Enhet  norr svarar", said("Enhet Norr", "kommunen")),
            ("Hälsningar Karin", "”Karin” är namnet på en person. Ta bort det."),
            ("Logga in på https://exempel.se", LINK),
            ("Logga in på exempel.se/e", LINK),
            ("Ring 0121-181 00", PHONE),
            ("Ring +46 70 174 06 05", PHONE),
            ("Ring 070-174 06 05", PHONE),
            ("Gäller 19980101-2384", NUMBER),
            ("Gäller 980101-2384", NUMBER),
        ],
    )
    def test_say_what_reveals_and_what_to_write_instead(self, text, sentence):
        assert revealing.findings(text, KNOWN) == [sentence]

    @pytest.mark.parametrize(
        "text",
        [
            "Läs mer på soderkoping.se/meddelanden.",
            "Det kom den 24 november 2026 kl. 09.00, bl.a. t.ex. så.",
            "Ring 112 om någon är i fara.",
            "Ekot svarar i handeln",
            "Ahaupplevelse",
        ],
    )
    def test_are_none_in_innocent_texts(self, text):
        assert revealing.findings(text, KNOWN) == []

    @pytest.mark.parametrize(
        "text", ["so\u00adcialtjänst", "social\u200btjänst", "SOCIALTJA\u0308NST"]
    )
    def test_see_through_what_is_not_seen(self, text):
        assert len(revealing.findings(text, KNOWN)) == 1

    def test_are_none_in_the_texts_that_come_with_the_product(self):
        for (_kind, medium, _language), words in delivered.texts().items():
            if medium != Medium.MESSAGE:
                for part in words.values():
                    assert revealing.findings(part, KNOWN) == []


class TestNames:
    def test_are_not_those_that_our_own_texts_contain(self):
        assert revealing.names(["Vi Du", "Amina Exempel"]) == {"Amina", "Exempel"}


@pytest.mark.django_db
class TestLookout:
    def test_knows_the_office_as_it_is(self):
        RevealingWord.objects.create(word="fritidsbank", better="kommunen")
        UserFactory(first_name="Karin", last_name="Ek", role=Role.CASE_WORKER, unit=UnitFactory())
        UserFactory(first_name="Slutade", is_active=False)

        known = revealing.lookout(Municipality(website="soderkoping.se"))

        assert known.words == (Word("fritidsbank", "kommunen"),)
        assert known.names == {"Karin", "Ek"}
        assert known.units == (Unit.objects.get().name,)
        assert known.addresses == {"soderkoping.se"}

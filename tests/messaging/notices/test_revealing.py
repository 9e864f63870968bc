import pytest

from messaging.notices import revealing


class TestFind:
    @pytest.mark.parametrize(
        ("text", "word"),
        [
            ("Socialtjänsten i Söderköping", "socialtjänst"),
            ("SOCIALFÖRVALTNINGEN", "socialförvaltning"),
            ("Stodteam", "stödteam"),
            ("socialtjanst.soderkoping.se", "socialtjänst"),
            ("Vuxenmissbruksteamet", "missbruk"),
            ("Individ-  och\nfamiljeomsorgen", "individ- och familj"),
            ("Mvh Anna, soc Ånge", "soc"),
            ("IFO Söderköping", "ifo"),
            ("ifo.soderkoping.se", "ifo"),
            ("lvm-enheten", "LVM"),
        ],
    )
    def test_finds_the_word_in_any_form(self, text, word):
        assert revealing.find(text) == word

    @pytest.mark.parametrize(
        "text", ["Söderköpings kommun", "Soderkoping", "sockens.se", "Kalifornien", ""]
    )
    def test_lets_innocent_words_pass(self, text):
        assert revealing.find(text) is None

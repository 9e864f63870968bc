import pytest

from messaging.wording import variables

SMS = ("kommunen", "läs mer")


class TestProblems:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("Från {komunen}.", "Fältet {komunen} finns inte. Menade du {kommunen}?"),
            ("Från {Kommunen}.", "Fältet {Kommunen} finns inte. Menade du {kommunen}?"),
            ("Från {xyz}.", "Fältet {xyz} finns inte. Här finns {kommunen}, {läs mer}."),
            (
                "Hej {förnamn}!",
                "Sms och mejl får inte säga något om en person. Ta bort {förnamn}.",
            ),
            ("Från {kommunen", "En parentes saknar sitt par. Skriv fälten så här: {kommunen}."),
        ],
    )
    def test_say_what_is_wrong_and_what_to_write(self, text, sentence):
        assert list(variables.problems(text, SMS)) == [sentence]

    def test_are_none_when_the_fields_are_known(self):
        assert list(variables.problems("Från {kommunen}. {läs mer}", SMS)) == []


class TestFill:
    def test_leaves_no_space_behind_an_empty_field(self):
        text = variables.fill("Öppen. {läs mer} Svara inte.", {"läs mer": ""})

        assert text == "Öppen. Svara inte."

    def test_keeps_what_it_does_not_know_to_be_found(self):
        text = variables.fill("{kommunen} {datum}", {"kommunen": "Åby kommun"})

        assert text == "Åby kommun {datum}"
        assert variables.unfilled(text) == ["{datum}"]

    def test_fills_each_field_once(self):
        assert variables.fill("{a}", {"a": "{b}", "b": "nej"}) == "{b}"


class TestOfTheMunicipality:
    def test_has_a_name_in_english(self):
        from staff.models import Municipality

        municipality = Municipality(name="Åby kommun", english_name="Åby Municipality")

        names = [
            variables.of_the_municipality(municipality, language)["kommunen"]
            for language in ("sv", "en", "so")
        ]

        assert names == ["Åby kommun", "Åby Municipality", "Åby kommun"]

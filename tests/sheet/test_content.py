import pytest

from messaging.sheet import content
from messaging.wording.revealing import Lookout, Word

NOBODY = Lookout()
WHOLE = "# Rubrik\nHej.\n{qr} Läs mer:"


def kinds(body, **values):
    return [(block.kind, block.lines) for block in content.blocks(body, values)]


class TestBlocks:
    def test_are_told_by_how_their_lines_begin(self):
        body = "# Blad\n## Steg\n1. Ett\n2) Två\n- Punkt\n• Till\n"
        body += "Text.\nMer.\n\nNytt.\n{sms}\n{qr} Här:"

        assert kinds(body) == [
            ("title", ["Blad"]),
            ("heading", ["Steg"]),
            ("step", ["Ett", "Två"]),
            ("point", ["Punkt", "Till"]),
            ("paragraph", ["Text.", "Mer."]),
            ("paragraph", ["Nytt."]),
            ("sms", [""]),
            ("qr", ["Här:"]),
        ]

    def test_take_what_the_municipality_is_called(self):
        assert kinds("Gå till *{webbadressen}*.", webbadressen="a.example") == [
            ("paragraph", ["Gå till <strong>a.example</strong>."])
        ]

    def test_leave_out_a_line_whose_field_is_empty(self):
        body = "Ring oss.\nVäxel: {telefonnumret}"

        assert kinds(body, telefonnumret="") == [("paragraph", ["Ring oss."])]

    @pytest.mark.parametrize("hostile", ["<script>", "<img src=x>", "&lt;b&gt;", '" onload="'])
    def test_show_markup_as_text(self, hostile):
        ((_, lines),) = kinds(f"{hostile} *{hostile}* {{x}}", x=hostile)

        assert "<" not in lines[0].replace("<strong>", "").replace("</strong>", "")
        assert '"' not in lines[0]


class TestProblems:
    def test_are_none_in_the_words_that_came_with_the_product(self):
        everybody = Lookout(names=frozenset({"Freja", "Vi", "Open"}))

        for file in content.FOLDER.glob("*.txt"):
            assert content.problems(file.read_text(), everybody) == []

    @pytest.mark.parametrize(
        ("body", "sentence"),
        [
            ("Hej.\n{qr}", "Börja bladet med en rubrik, och bara en"),
            (f"# En till\n{WHOLE}", "Börja bladet med en rubrik, och bara en"),
            ("# Rubrik\nHej.", "Skriv {qr} på en egen rad, en gång"),
            (f"{WHOLE}\nText {{sms}}", "Rad 4: {sms} och {qr} ska stå först på en egen rad."),
            (f"{WHOLE} {{namn}}", "Fältet {namn} finns inte."),
            (f"{WHOLE}\nHej 🌲", "Rad 4: tecknet ”🌲” (U+1F332) finns inte i bladets typsnitt."),
            (f"{WHOLE}\nRing din handläggare", "Texten innehåller ”handläggare”."),
        ],
    )
    def test_are_told_with_the_word_and_the_line(self, body, sentence):
        (problem,) = content.problems(body, NOBODY)

        assert problem.startswith(sentence)

    def test_do_not_include_what_the_service_is_for(self):
        body = f"{WHOLE}\n- Läsa kallelser och beslut, med din gode man."

        assert content.problems(body, NOBODY) == []

    def test_are_what_tells_of_this_office_too(self):
        here = Lookout(
            words=(Word("Kvarnhuset", ""), Word("budget", "pengar")),
            units=("Vuxenteamet",),
            names=frozenset({"Karin", "Freja"}),
        )
        body = f"{WHOLE}\nRing Karin på Vuxenteamet, budget och kvarnhuset. BankID eller Freja."

        assert [problem.partition(". Bladet")[0] for problem in content.problems(body, here)] == [
            "Texten innehåller ”Kvarnhuset”",
            "Texten innehåller ”budget”",
            "Texten innehåller ”Vuxenteamet”",
            "”Karin” är namnet på en person. Ta bort det.",
        ]

    @pytest.mark.parametrize(
        ("word", "advice"),
        [(Word("lotsen", ""), "Ta bort ordet."), (Word("lotsen", "vi"), "Skriv ”vi”.")],
    )
    def test_say_what_to_write_instead(self, word, advice):
        (problem,) = content.problems(f"{WHOLE}\nHos lotsen.", Lookout(words=(word,)))

        assert problem.endswith(advice)

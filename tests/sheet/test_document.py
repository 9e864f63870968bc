import re

import pytest
from django.utils.html import strip_tags

from messaging.sheet import document, published
from messaging.sheet.models import SheetText

# copy.md 3.9, less the words that the approved text of the sheet needs.
REVEALING = [
    *["socialtjänst", "socialförvaltning", "socialsekreterare", "socialnämnd", "soc", "ifo"],
    *["individ-", "stödteam", "stödboende", "kontaktperson", "handläggare", "missbruk", "beroende"],
    *["behandling", "bistånd", "försörjningsstöd", "utredning", "insats", "genomförandeplan"],
    *["lvm", "lvu", "orosanmälan", "familjehem", "journal"],
]


def revealing_words(text):
    return re.findall(rf"\b(?:{'|'.join(REVEALING)})\w*", text, re.IGNORECASE)


def sheet(municipality, language="sv"):
    return document.standalone(published.find(language), municipality=municipality)


def words_of(municipality, language="sv"):
    """What is read aloud: the text of <main>, less the QR code that is only on paper."""
    return " ".join(" ".join(blocks_of(municipality, language)).split())


def blocks_of(municipality, language="sv"):
    main = sheet(municipality, language).split("<main", 1)[1].split(">", 1)[1].split("</main>")[0]
    main = re.sub(r'<div class="qr">.*?</div>', "", main, flags=re.DOTALL)
    return [strip_tags(block) for block in re.split(r"</(?:h1|h2|p|li|blockquote)>|<br>", main)]


class TestTheWords:
    def test_name_the_municipality_its_website_its_switchboard_and_its_time_to_reply(
        self, municipality
    ):
        municipality.reply_days = 5

        text = words_of(municipality)

        assert "Gå till kommunens webbplats: soderkoping.se. Skriv adressen själv." in text
        assert "kommunens växel: 0121-181 00." in text
        assert "Vi svarar inom 5 vardagar." in text

    def test_name_the_municipality_in_their_own_language(self, municipality):
        municipality.english_name = "Söderköping Municipality"
        bodies = {code: SheetText(language=code, body="Hej {kommunen}.") for code in ("sv", "en")}

        swedish, english = (
            document.fragment(body, municipality=municipality) for body in bodies.values()
        )

        assert "Hej Söderköpings kommun." in swedish
        assert "Hej Söderköping Municipality." in english

    def test_quote_the_sms_that_is_sent(self, municipality):
        assert (
            "Så här står det i sms:et: Du har ett nytt meddelande från Söderköpings kommun. "
            "Det finns i e-tjänsten Meddelanden när du loggar in. "
            "Det går inte att svara på detta sms. Sms:et ber dig aldrig att logga in genom en länk."
        ) in words_of(municipality)

    def test_leave_the_switchboard_out_when_there_is_none(self, municipality):
        municipality.switchboard = ""

        text = words_of(municipality)

        assert "Frågor? Ring den person som du brukar ha kontakt med." in text
        assert "växel" not in text

    def test_count_one_day_as_one(self, municipality):
        municipality.reply_days = 1

        assert "Vi svarar inom 1 vardag." in words_of(municipality)

    def test_reveal_nothing_to_who_sees_the_paper_on_a_table(self, municipality):
        html = sheet(municipality)

        assert revealing_words(html) == []
        assert revealing_words("Socialtjänsten och din insats") == ["Socialtjänsten", "insats"]

    @pytest.mark.parametrize(("language", "most"), [("sv", 25), ("sv-simple", 18), ("en", 25)])
    def test_are_easy_to_read(self, municipality, language, most):
        blocks = blocks_of(municipality, language)
        sentences = [words for b in blocks for s in re.split(r"[.?]\s", b) if (words := s.split())]
        words = [word.strip(".,:?") for sentence in sentences for word in sentence]
        share_of_long = sum(len(word) > 6 for word in words) / len(words)

        lix = len(words) / len(sentences) + 100 * share_of_long

        assert lix < most
        assert max(map(len, sentences)) <= 20


class TestStandalone:
    def test_is_the_same_for_the_same_facts(self, municipality):
        first, second = (sheet(municipality) for _ in range(2))

        assert first == second

    def test_shows_a_name_with_special_characters_as_text(self, municipality):
        municipality.name = "<b>Vik & Å</b>"

        html = sheet(municipality)

        assert "<b>" not in html
        assert "meddelande från &lt;b&gt;Vik &amp; Å&lt;/b&gt;. Det" in html

    def test_carries_the_logo(self, municipality, logo):
        municipality.logo, municipality.logo_type = logo, "image/png"

        html = sheet(municipality)

        assert '<img src="data:image/png;base64,iVBOR' in html

    def test_leaves_out_a_logo_that_could_hold_a_program(self, municipality):
        municipality.logo, municipality.logo_type = b"<svg/>", "image/svg+xml"

        assert 'alt="Logotyp"' not in sheet(municipality)


class TestFragment:
    def test_is_the_same_words_under_the_headings_of_another_page(self, municipality):
        fragment = document.fragment(published.find(), municipality=municipality)

        apart = re.sub(r"</(?:p|li)>|<br>", " ", fragment)
        words = " ".join(strip_tags(apart).split())
        assert words == words_of(municipality)
        assert "<h3>Så använder du e-tjänsten Meddelanden</h3>" in fragment
        assert "<h4>Så loggar du in</h4>" in fragment
        assert "<html" not in fragment

    def test_shows_a_name_with_special_characters_as_text(self, municipality):
        municipality.name = "<h1>Vik</h1>"

        fragment = document.fragment(published.find(), municipality=municipality)

        assert "meddelande från &lt;h1&gt;Vik&lt;/h1&gt;. Det" in fragment


class TestTheQrCode:
    def test_leads_to_the_public_page_that_is_written_beside_it(self, municipality):
        html = sheet(municipality, "en")

        assert "localhost:8000/informationsblad/en/" in html
        assert document.public_address("en") == "http://localhost:8000/informationsblad/en/"


class TestAnotherLanguage:
    def test_is_told_to_screen_readers_with_its_direction(self, municipality):
        text = SheetText(language="ar", body="# \u0645\u0631\u062d\u0628\u0627\n{webbadressen}")

        html = document.standalone(text, municipality=municipality)

        assert '<html lang="ar" dir="rtl">' in html
        # Isolated: else its dots and slashes end up on the wrong side.
        assert "\u2068soderkoping.se\u2069" in html

    def test_uses_the_approved_words_that_came_with_the_product(self, municipality):
        assert "Så loggar du in Gå till soderkoping.se" in " ".join(
            words_of(municipality, "sv-simple").split()
        ).replace("1. ", "")
        assert "We answer within 3 weekdays." in words_of(municipality, "en")

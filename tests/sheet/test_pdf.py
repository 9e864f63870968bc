import pikepdf
import pytest

from messaging.sheet import document, pdf, published
from messaging.sheet.models import SheetText
from tests.sheet.conftest import opened, text_of

HELLO_IN_ARABIC = "مرحبا"


@pytest.fixture
def html(municipality):
    return document.standalone(published.find(), municipality=municipality)


class TestRender:
    @pytest.mark.parametrize("language", ["sv-simple", "en"])
    def test_makes_one_page_of_the_other_languages_too(self, municipality, language):
        text = published.find(language)

        with opened(pdf.render(document.standalone(text, municipality=municipality))) as sheet:
            assert len(sheet.pages) == 1
            assert sheet.Root.Lang == language

    def test_draws_what_is_read_from_right_to_left(self, municipality):
        text = SheetText(language="ar", body=f"# {HELLO_IN_ARABIC}\n1. {{telefonnumret}}\n- ሰላም")

        read = text_of(pdf.render(document.standalone(text, municipality=municipality)))

        assert HELLO_IN_ARABIC in read
        assert "ሰላም" in read
        assert "0121-181 00" in read

    def test_makes_one_a4_page(self, html):
        with opened(pdf.render(html)) as sheet:
            (page,) = sheet.pages
            width, height = (float(side) * 25.4 / 72 for side in page.mediabox[2:])

        assert (round(width), round(height)) == (210, 297)

    def test_keeps_to_one_page_with_the_longest_facts_the_municipality_can_have(
        self, municipality, logo
    ):
        municipality.name = ("Örnsköldsviks och Kramfors gemensamma växel " * 2)[:60]
        municipality.website = f"www.{'medborgarservice.' * 5}ornskoldsvik.se"[:100]
        municipality.switchboard = "0660-880 00 eller 0660-881 000"
        municipality.reply_days = 30
        municipality.logo, municipality.logo_type = logo, "image/png"

        rendered = pdf.render(document.standalone(published.find(), municipality=municipality))

        with opened(rendered) as sheet:
            assert len(sheet.pages) == 1

    def test_tells_a_screen_reader_its_title_language_and_structure(self, html):
        with opened(pdf.render(html)) as sheet:
            root = sheet.Root
            tags = {str(element.S) for element in _elements(root.StructTreeRoot)}

            title = "Så använder du e-tjänsten Meddelanden – Söderköpings kommun"
            assert sheet.docinfo.Title == title
            assert root.ViewerPreferences.DisplayDocTitle
            assert root.Lang == "sv"
            assert root.MarkInfo.Marked
        assert tags >= {"/Document", "/H1", "/H2", "/P", "/L", "/LI", "/Lbl", "/LBody"}

    def test_says_that_it_follows_pdf_ua(self, html):
        with opened(pdf.render(html)) as sheet, sheet.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"

    def test_embeds_the_bundled_fonts_and_no_other(self, html):
        with opened(pdf.render(html)) as sheet:
            fonts = sheet.pages[0].Resources.Font.values()
            described = [font.DescendantFonts[0].FontDescriptor for font in fonts]

            assert all("/FontFile2" in font or "/FontFile3" in font for font in described)
            names = {str(font.FontName).split("+")[1] for font in described}
        assert names == {"Sheet", "Sheet-Bold"}

    def test_can_be_read_and_searched_in_swedish(self, html):
        text = text_of(pdf.render(html))

        assert "Så använder du e-tjänsten Meddelanden" in text
        assert "närstående eller din gode man kan få läsa och skriva åt dig" in text
        assert "Söderköpings kommun" in text

    def test_gives_the_same_bytes_in_another_process(self, html):
        first, second = (pdf._press.__wrapped__(html) for _ in range(2))

        assert first == second

    def test_refuses_what_does_not_fit_and_says_by_how_much(self, html):
        more_lines = "<p>rad</p>" * 12

        with pytest.raises(pdf.DoesNotFit) as refused:
            pdf.render(html.replace("</main>", f"{more_lines}</main>"))

        # Twelve lines of 6 mm, less the room at the foot of the page.
        assert 15 <= refused.value.millimetres <= 60
        assert f"{refused.value.millimetres} mm" in str(refused.value)

    def test_refuses_characters_that_the_fonts_cannot_draw(self, html):
        with pytest.raises(pdf.MissingGlyph, match=r"”丽” \(U\+4E3D\), ”🌲” \(U\+1F332\)"):
            pdf.render(html.replace("Frågor?", "Frågor? &#x1F332; 丽"))


def _elements(node):
    """The structure elements under this one. Other children are numbers of marked content."""
    children = node.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from _elements(child)

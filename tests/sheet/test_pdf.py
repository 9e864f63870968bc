import pikepdf
import pytest

from messaging.sheet import document, pdf
from tests.sheet.conftest import opened, text_of


@pytest.fixture
def html(municipality):
    return document.standalone("sv", municipality=municipality)


class TestRender:
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

        rendered = pdf.render(document.standalone("sv", municipality=municipality))

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
        ten_lines = "<p>rad</p>" * 10

        with pytest.raises(pdf.DoesNotFit) as refused:
            pdf.render(html.replace("</main>", f"{ten_lines}</main>"))

        # Ten lines of 6 mm, less the room at the foot of the page.
        assert 25 <= refused.value.millimetres <= 45
        assert f"{refused.value.millimetres} mm" in str(refused.value)

    def test_refuses_characters_that_the_fonts_cannot_draw(self, html):
        with pytest.raises(pdf.MissingGlyph, match=r"ሰ \(U\+1230\), 🌲 \(U\+1F332\)$"):
            pdf.render(html.replace("Frågor?", "Frågor? &#x1F332; ሰ"))


def _elements(node):
    """The structure elements under this one. Other children are numbers of marked content."""
    children = node.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from _elements(child)

import base64
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pikepdf
import pytest

from messaging.sheet import document, pdf
from tests.sheet.conftest import opened, text_of

CANARY = "kanariefågel i bur"


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
        elsewhere = subprocess.run(
            [sys.executable, "-c", ELSEWHERE], input=html.encode(), capture_output=True, check=True
        )

        assert elsewhere.stdout == pdf.render(html)

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


ELSEWHERE = """
import sys, django
django.setup()
from messaging.sheet import pdf
sys.stdout.buffer.write(pdf.render(sys.stdin.buffer.read().decode()))
"""


def _elements(node):
    """The structure elements under this one. Other children are numbers of marked content."""
    children = node.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from _elements(child)


@pytest.fixture
def server():
    """A web server on this machine that notes who calls."""
    calls = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            calls.append(self.path)
            self.send_response(302)
            self.send_header("Location", "file:///etc/hostname")
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.calls = calls
        listening.address = f"http://127.0.0.1:{listening.server_port}"
        threading.Thread(target=listening.serve_forever, args=[0.01], daemon=True).start()
        yield listening
        listening.shutdown()


@pytest.fixture
def canary(tmp_path):
    file = tmp_path / "kanarie.svg"
    file.write_text(SVG.format(f'<text id="c" y="9">{CANARY}</text>'))
    return file


HOSTILE = {
    "image": '<img src="{}" alt="x">',
    "image with an upper case scheme": '<img src="{upper}" alt="x">',
    "object": '<object data="{}"></object>',
    "embed": '<embed src="{}">',
    "input": '<input type="image" src="{}">',
    "attached link": '<link rel="attachment" href="{}">',
    "attached anchor": '<a rel="attachment" href="{}">x</a>',
    "stylesheet": '<link rel="stylesheet" href="{}">',
    "import": '<style>@import "{}";</style>',
    "font": '<style>@font-face {{ font-family: x; src: url("{}") }}</style>',
    "background": '<p style="background: url({})">x</p>',
    "page background": "<style>@page {{ background: url({}) }}</style>",
    "list marker": '<ul style="list-style-image: url({})"><li>x</ul>',
    "content": '<style>p::before {{ content: url("{}") }}</style><p>x</p>',
    "border": '<p style="border: 9px solid; border-image: url({}) 9">x</p>',
    "base": '<base href="{}"><img src="x.png" alt="x">',
    "svg image": '<svg width="9" height="9"><image href="{}" width="9" height="9"/></svg>',
    "svg use": '<svg width="9" height="9"><use href="{}#c"/></svg>',
    "svg style": '<svg width="9" height="9"><style>@import "{}";</style></svg>',
}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{}</svg>'
# Documents within the document.
NESTED = {
    "image": SVG.format('<image href="{}" width="9" height="9"/>'),
    "use": SVG.format('<use href="{}#c"/>'),
    "stylesheet": '<?xml-stylesheet href="{}"?>' + SVG.format("<text y='9'>x</text>"),
    "import": SVG.format('<style>@import "{}";</style>'),
    "entity": '<!DOCTYPE svg [<!ENTITY x SYSTEM "{}">]>' + SVG.format("<text y='9'>&x;</text>"),
}


class TestHostileHtml:
    @pytest.mark.parametrize("markup", HOSTILE.values(), ids=HOSTILE)
    def test_reads_no_file_and_asks_no_server(self, markup, canary, server):
        for address in (canary.as_uri(), str(canary), f"{server.address}/kanarie.svg"):
            scheme, colon, rest = address.partition(":")

            made = attempt(markup.format(address, upper=scheme.upper() + colon + rest))

            assert CANARY not in everything_in(made)
        assert server.calls == []

    @pytest.mark.parametrize("kind", ["image/svg+xml", "image/png"])
    @pytest.mark.parametrize("markup", NESTED.values(), ids=NESTED)
    def test_finds_no_way_out_of_an_image_in_the_text(self, markup, kind, canary, server):
        for address in (canary.as_uri(), f"{server.address}/kanarie.svg"):
            inside = base64.b64encode(markup.format(address).encode()).decode()

            made = attempt(f'<img src="data:{kind};base64,{inside}" alt="x">')

            assert CANARY not in everything_in(made)
        assert server.calls == []

    @pytest.mark.parametrize("markup", ["image", "attached link", "import", "svg image"])
    def test_is_refused_by_name(self, markup, canary):
        with pytest.raises(pdf.ForbiddenAddress, match=re.escape(canary.as_uri()[:80])):
            pdf.render(_page(HOSTILE[markup].format(canary.as_uri())))

    def test_would_have_got_the_canary_without_our_fetcher(self, canary):
        from weasyprint import HTML

        for markup in ("image", "attached link"):
            page = _page(HOSTILE[markup].format(canary.as_uri()))

            assert CANARY in everything_in(HTML(string=page).write_pdf())

    def test_gets_no_font_of_the_machine(self):
        font = '<style>@font-face { font-family: x; src: local("DejaVu Sans") }</style>'

        with pytest.raises(pdf.ForbiddenAddress):
            pdf.render(_page(font))


def attempt(body):
    """The PDF, or nothing if it is refused."""
    try:
        return pdf.render(_page(body))
    except pdf.ForbiddenAddress:
        return b""


def everything_in(made):
    """The text, and every stream: an attached file would be one."""
    if not made:
        return ""
    with opened(made) as document:
        streams = [o.read_bytes() for o in document.objects if isinstance(o, pikepdf.Stream)]
    return text_of(made) + b"".join(streams).decode(errors="replace")


def _page(body):
    return f'<!DOCTYPE html><html lang="sv"><head><title>x</title></head><body>{body}</body></html>'

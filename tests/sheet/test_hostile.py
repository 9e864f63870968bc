"""What somebody could hide in a sheet, a logo or a template: nothing of it may lead anywhere."""

import base64
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from tempfile import gettempdir

import pikepdf
import pytest

from messaging.sheet import fonts, pdf
from messaging.sheet.press import Walls
from tests.sheet.conftest import opened, text_of

CANARY = "kanariefågel i bur"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{}</svg>'


def inside(kind, markup):
    """A document within the document, which an address in it should lead out of."""
    return lambda address: (
        f'<img alt="x" src="data:{kind};base64,'
        f'{base64.b64encode(markup.format(address).encode()).decode()}">'
    )


HOSTILE = {
    "image": '<img src="{}" alt="x">',
    "image set": '<img srcset="{} 2x" src="{}" alt="x">',
    "image in capitals": lambda address: f'<img src="{address.replace(":", ":", 1).upper()}">',
    "image without a scheme": lambda address: f'<img src="//{address.partition("://")[2]}">',
    "image with a user": lambda address: f'<img src="{address.replace("://", "://a:b@")}">',
    "picture": '<picture><source srcset="{}"><img src="{}" alt="x"></picture>',
    "object": '<object data="{}" type="image/svg+xml"></object>',
    "embed": '<embed src="{}">',
    "frame": '<iframe src="{}"></iframe>',
    "film": '<video poster="{}" src="{}"></video>',
    "sound": '<audio src="{}"></audio>',
    "script": '<script src="{}"></script>',
    "input": '<input type="image" src="{}">',
    "form": '<form action="{}"><input></form>',
    "refresh": '<meta http-equiv="refresh" content="0; url={}">',
    "icon": '<link rel="icon" href="{}">',
    "attached link": '<link rel="attachment" href="{}">',
    "attached anchor": '<a rel="attachment" href="{}">x</a>',
    "stylesheet": '<link rel="stylesheet" href="{}">',
    "import": '<style>@import "{}";</style>',
    "import by url": "<style>@import url({}) print;</style>",
    "import in a stylesheet in an address": lambda address: (
        f'<link rel="stylesheet" href="data:text/css,@import url({address});">'
    ),
    "font": '<style>@font-face {{ font-family: x; src: url("{}") }}</style>',
    "font with a format": (
        '<style>@font-face {{ font-family: y; src: url("{}") format("truetype") }}</style>'
    ),
    "background": '<p style="background: url({})">x</p>',
    "old background": '<table background="{}"><tr><td>x</table>',
    "page background": "<style>@page {{ background: url({}) }}</style>",
    "page margin": '<style>@page {{ @bottom-left {{ content: url("{}") }} }}</style>',
    "list marker": '<ul style="list-style-image: url({})"><li>x</ul>',
    "content": '<style>p::before {{ content: url("{}") }}</style><p>x</p>',
    "border": '<p style="border: 9px solid; border-image: url({}) 9">x</p>',
    "counter": '<style>@counter-style z {{ system: cyclic; symbols: url("{}") }}</style>',
    "drawing with an image": '<svg width="9" height="9"><image href="{}" height="9"/></svg>',
    "drawing with another": '<svg width="9" height="9"><use href="{}#c"/></svg>',
    "drawing with a style": '<svg width="9" height="9"><style>@import "{}";</style></svg>',
    "drawing with a paint": '<svg><rect width="9" height="9" fill="url({}#c)"/></svg>',
    "drawing with a filter": '<svg><filter id="f"><feImage href="{}"/></filter></svg>',
    "base": '<base href="{}/"><img src="x.png" alt="x">',
    "image within": inside("image/svg+xml", SVG.format('<image href="{}" height="9"/>')),
    "image within that lies": inside("image/png", SVG.format('<image href="{}" height="9"/>')),
    "use within": inside("image/svg+xml", SVG.format('<use href="{}#c"/>')),
    "stylesheet within": inside("image/png", '<?xml-stylesheet href="{}"?>' + SVG.format("")),
    "import within": inside("image/png", SVG.format('<style>@import "{}";</style>')),
    "entity within": inside(
        "image/png",
        '<!DOCTYPE svg [<!ENTITY x SYSTEM "{}">]>' + SVG.format('<text y="9">&x;</text>'),
    ),
}


def page(*roots):
    """All of it, each with an address of its own under each root."""
    body = [
        markup(address) if callable(markup) else markup.format(address, address)
        for number, markup in enumerate(HOSTILE.values())
        for address in (f"{root}/{number}" for root in roots)
    ]
    return f'<!DOCTYPE html><html lang="sv"><title>x</title><body>{"".join(body)}</body></html>'


@pytest.fixture
def server():
    """A web server on this machine that notes who calls, and leads them to a file."""
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
def canaries(tmp_path):
    """A folder with a file for each."""
    for number in range(len(HOSTILE)):
        (tmp_path / str(number)).write_text(SVG.format(f'<text id="c" y="9">{CANARY}</text>'))
    return tmp_path


class TestHostileContent:
    def test_is_of_forty_kinds(self):
        assert len(HOSTILE) >= 40

    def test_asks_no_server_and_reads_no_file(self, server, canaries):
        with pytest.raises(pdf.ForbiddenAddress) as refused:
            pdf.render(page(server.address, canaries.as_uri()))

        assert server.calls == []
        assert len(asked_for(refused.value.addresses, server.address)) >= 18
        assert len(asked_for(refused.value.addresses, canaries.as_uri())) >= 18

    def test_gets_nowhere_even_if_the_fetcher_let_it(self, server, canaries, tmp_path_factory):
        """The walls alone: WeasyPrint's own fetcher, in a process that is shut in."""
        made = subprocess.run(
            [sys.executable, "-c", WALLS_ALONE],
            input=page(server.address, canaries.as_uri()).encode(),
            capture_output=True,
            check=True,
            env={"TMPDIR": str(tmp_path_factory.mktemp("scratch"))},
        )

        assert server.calls == []
        assert CANARY not in everything_in(made.stdout)

    @pytest.mark.filterwarnings("ignore")  # of what these pages are full of
    def test_is_hostile_indeed(self, server, canaries):
        """Without fetcher and walls it asks, reads and tells: else the two above prove nothing."""
        from weasyprint import HTML

        made = HTML(string=page(server.address, canaries.as_uri())).write_pdf()

        assert len({path.split("/")[1] for path in server.calls}) >= 18
        assert CANARY in everything_in(made)


WALLS_ALONE = """
import sys
import weasyprint
from messaging.sheet.press import Walls
sys.addaudithook(Walls())
sys.stdout.buffer.write(weasyprint.HTML(string=sys.stdin.buffer.read().decode()).write_pdf())
"""


class TestWalls:
    @pytest.mark.parametrize(
        ("event", "argument"),
        [
            ("socket.__new__", None),
            ("socket.getaddrinfo", "kommunen.example"),
            ("subprocess.Popen", "curl"),
            ("os.posix_spawn", "curl"),
            ("open", "/etc/passwd"),
            ("open", b"/proc/self/environ"),
            ("open", f"{fonts.FOLDER}/../../../.env"),
        ],
    )
    def test_stop_what_no_sheet_needs(self, event, argument):
        with pytest.raises(PermissionError):
            Walls()(event, (argument, "r", 0))

    @pytest.mark.parametrize(
        "argument", [str(fonts.FILES[0]), f"{gettempdir()}/weasyprint-x/font", 3, None]
    )
    def test_let_through_what_each_sheet_needs(self, argument):
        assert Walls()("open", (argument, "r", 0)) is None


class TestLimits:
    @pytest.mark.parametrize(
        ("limit", "value", "markup"),
        [
            ("SECONDS", 2, "<table>" + "<tr><td>x" * 50_000),
            ("MEGABYTES", 80, "<p>x"),
        ],
        ids=["time", "memory"],
    )
    def test_end_what_would_never_end(self, monkeypatch, limit, value, markup):
        monkeypatch.setattr(pdf, limit, value)

        with pytest.raises(pdf.Stopped):
            pdf.render(f"<!DOCTYPE html><title>x</title>{markup}")


def asked_for(addresses, root):
    """Which of the hostile kinds these addresses belong to."""
    return {a.removeprefix(root).split("/")[1] for a in addresses if a.startswith(f"{root}/")}


def everything_in(made):
    """The text, and every stream: an attached file would be one."""
    with opened(made) as document:
        streams = [o.read_bytes() for o in document.objects if isinstance(o, pikepdf.Stream)]
    return text_of(made) + b"".join(streams).decode(errors="replace")

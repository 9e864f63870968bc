"""Goes everywhere that one user can go: every link, every form, every file; and reads all of it."""

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from tests.access.answers import no_trace
from tests.access.canaries import ROOT, Canary
from tests.access.policy import LATER, addresses
from tests.access.world import PERSONS, SEES, World
from tests.pages import Form, Page

_LINK = re.compile(r'(?:href|src|action|formaction|hx-get)="([^"#]*)')
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
# What a reviewer of the log needs to judge a look at somebody whose name stays hidden.
REVIEWED = {"AccessLogEntry.reason", "LogReview.text", "Case.number"}
COVERED = {
    f"Person.{name}" for name in ("given_name", "family_name", "identity_number", "mobile", "email")
}

BY_NUMBER = {"Case.number", "Person.public_id"}


class Crawl:
    """What came back, and what should not have."""

    typed = ROOT  # where nothing is: the beginning of a canary

    def __init__(self, world: World, who: str) -> None:
        self.world, self.who, self.client = world, who, world.clients[who]
        self.hidden = set(PERSONS) - SEES[who] | {f"{kind}'s relative" for kind in PERSONS}
        self.leaks: list[str] = []
        self.met: set[str] = set()
        self.seen: set[str] = set()
        self.sent: set[tuple[str, str]] = set()
        self._variants: Counter[str] = Counter()

    def run(self) -> "Crawl":
        waiting = ["/", *self._first()]
        while waiting:
            path = waiting.pop()
            if path in self.seen or not self._is_new(path):
                continue
            self.seen.add(path)
            waiting += self._visit(path)
        return self

    def _first(self) -> Iterator[str]:
        """Every page that the user reaches, also if no link leads there."""
        for address in addresses():
            for kind in PERSONS if address.is_about_a_person else ("own",):
                if self.who in address.who_reaches(kind) and address.name not in LATER:
                    yield address.of(self.world, kind)

    def _is_new(self, path: str) -> bool:
        """A few views of the same page: the admin can sort and choose by anything."""
        page = urlsplit(path).path
        self._variants[page] += 1
        return self._variants[page] <= (2 if page.startswith("/admin/") else 4)

    def _visit(self, path: str) -> list[str]:
        with no_trace(self.client):
            response = self.client.get(path)
            self._read(response, path)
        if "text/html" not in response.get("Content-Type", ""):
            return []
        html = response.content.decode()
        if 'method="post"' in html:
            self._send_forms(response)
        return [*_links(html, path), *self._get_forms(html, path)]

    def _get_forms(self, html: str, path: str) -> Iterator[str]:
        for form in re.findall(r'<form[^>]*method="get".*?</form>', html, re.DOTALL):
            names = re.findall(r'<(?:input|select)[^>]*name="([^"]+)"', form)
            yield urljoin(path, "?" + urlencode(dict.fromkeys(names, self.typed)))

    def _send_forms(self, response: Any) -> None:
        """Each form once, as it stands, with something typed where nothing is."""
        page = Page(response)
        for element in page.root.iter("form"):
            for button in element.iter("button"):
                form = Form(element, button, page.address)
                key = form.address, str(sorted(form.values))
                if element.get("method") == "post" and key not in self.sent:
                    self.sent.add(key)
                    self._send(form)

    def _send(self, form: Form) -> None:
        values = {n: v if v and v != [""] else self.typed for n, v in form.values.items()}
        with no_trace(self.client):
            response = self.client.post(form.address, values, follow=True)
            self._read(response, form.address)
            for address, _status in response.redirect_chain:
                self._check_open(address, "Location")

    def _read(self, response: Any, path: str) -> None:
        if response.status_code >= 500:
            self.leaks.append(f"{path}: {response.status_code}")
        body = text_of(response)
        for canary in self.world.texts.found_in(body):
            self.met.add(f"{canary.owner}'s {canary.place}")
            if self._is_by_number(canary, path):
                continue
            hidden = canary.owner in self.hidden and not self._is_for_the_manager(canary)
            hidden = hidden and not (self.who == "log reviewer" and canary.place in REVIEWED)
            if hidden or self._is_covered(canary, response):
                self.leaks.append(f"{path}: {canary}")
        self._check_open(path, "address")
        self._check_open(" ".join(_TITLE.findall(body)), f"title of {path}")
        self._check_open(str(response.headers), f"headers of {path}")
        self._check_open(self.client.cookies.output(), "cookies")
        for link in _LINK.findall(body):
            if not link.startswith(("tel:", "mailto:")):
                self._check_open(link, f"link on {path}")

    def _is_for_the_manager(self, canary: Canary) -> bool:
        """Who answers for a protected person unnamed: by case number, and why others are named."""
        place = {"Person.public_id", "Case.number", "NamedAccess.reason"}
        return (self.who, canary.owner) == ("manager", "protected") and canary.place in place

    def _is_covered(self, canary: Canary, response: Any) -> bool:
        """Who a protected person is, stands behind a button also for those who may see it."""
        asked = response.request["REQUEST_METHOD"] == "POST"
        return canary.owner == "protected" and canary.place in COVERED and not asked

    def _is_by_number(self, canary: Canary, path: str) -> bool:
        """An administrator knows cases by number, and where the page is that is closed to them."""
        in_the_admin = self.who == "administrator" and path.startswith("/admin/")
        return in_the_admin and canary.owner != "protected" and canary.place in BY_NUMBER

    def _check_open(self, text: str, where: str) -> None:
        """Where nobody's text may stand, whoever asks."""
        for canary in self.world.texts.found_in(text):
            if not canary.place.endswith("public_id"):
                self.leaks.append(f"{where}: {canary}")


def text_of(response: Any) -> str:
    """Every byte, and what a PDF says besides."""
    content = b"".join(response) if response.streaming else response.content
    text = str(content.decode(errors="replace"))
    if content.startswith(b"%PDF"):
        command = ["pdftotext", "-", "-"]
        reading = subprocess.run(command, input=content, capture_output=True, check=True)
        text += reading.stdout.decode(errors="replace")
    return unescape(text)


def _links(html: str, path: str) -> Iterator[str]:
    for link in _LINK.findall(html):
        target = urlsplit(urljoin(path, unescape(link)))
        ours = not target.scheme and not target.netloc
        if ours and not target.path.startswith(("/static/", "/konto/logga-ut")):
            yield target._replace(fragment="").geturl()

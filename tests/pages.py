"""Reads our pages as someone without JavaScript does: the words, the errors, the forms to send."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import tinyhtml5  # WeasyPrint's parser: it reads HTML as browsers do
from django.test import Client
from tinyhtml5 import inputstream

Typed = str | list[str] | None


class Patterns(dict[tuple[frozenset[str], bool], re.Pattern[str]]):
    """Kept, as tinyhtml5 meant to: it files each under a wrong key, and makes it anew each time."""

    def __missing__(self, key: tuple[frozenset[str], bool]) -> re.Pattern[str]:
        characters, opposite = key
        allowed = "".join(f"\\x{ord(character):02x}" for character in characters)
        self[key] = re.compile(f"[{allowed if opposite else '^' + allowed}]+")
        return self[key]


inputstream.characters_until_regex = Patterns()


class Page:
    def __init__(self, response: Any) -> None:
        self.response = response
        self.address = response.request["PATH_INFO"]
        html = response.content.decode()
        self.root = tinyhtml5.parse(html, namespace_html_elements=False)

    @property
    def title(self) -> str:
        return words(self.one("title"))

    @property
    def heading(self) -> str:
        return words(self.one("h1"))

    @property
    def words(self) -> str:
        return words(self.one("body"))

    @property
    def status(self) -> str:
        """What has just happened: the page's one place for messages."""
        return " ".join(words(e) for e in self.root.iter() if e.get("role") == "status")

    def one(self, tag: str) -> Element:
        [found] = list(self.root.iter(tag))
        return found

    def by_id(self, name: str) -> Element | None:
        return next((e for e in self.root.iter() if e.get("id") == name), None)

    def errors(self) -> dict[str, str]:
        """The error summary: the id that each line leads to, and its text."""
        summary = next((e for e in self.root.iter() if "data-error-summary" in e.attrib), None)
        if summary is None:
            return {}
        lines = [(next(line.iter("a"), line), line) for line in summary.iter("li")]
        return {link.get("href", "")[1:]: words(line) for link, line in lines}

    def error_at(self, target: str) -> str:
        """The text beside the field that the id belongs to, which must say that it is invalid."""
        box = self.by_id(target)
        assert box is not None, f"nothing on the page has the id {target}"
        described = {i for e in self._around(box) for i in e.get("aria-describedby", "").split()}
        texts = [words(e) for name in described if (e := self.by_id(name)) is not None]
        return next((t.removeprefix("Fel: ") for t in texts if t.startswith("Fel: ")), "")

    def _around(self, box: Element) -> Iterator[Element]:
        """The box, and the group of choices that it stands in."""
        yield box
        yield from (e for e in self.root.iter("fieldset") if box in list(e.iter()))

    def link(self, text: str) -> str:
        """Where the link that begins so leads."""
        found = [e.get("href", "") for e in self.root.iter("a") if words(e).startswith(text)]
        assert found, f"no link {text} among {[words(e) for e in self.root.iter('a')]}"
        return found[0]

    def form(self, button: str) -> "Form":
        """The form that this button sends."""
        known = []
        for form in self.root.iter("form"):
            for found in form.iter("button"):
                known.append(words(found))
                if words(found).startswith(button):
                    return Form(form, found, self.address)
        raise AssertionError(f"no button {button} among {known}")


class Form:
    def __init__(self, form: Element, button: Element, address: str) -> None:
        self.address = form.get("action") or address
        self.values: dict[str, Typed] = {}
        for name, value in _filled_in(form):
            before = self.values.get(name, [])
            self.values[name] = [*(before if isinstance(before, list) else [before or ""]), value]
        if name := button.get("name"):
            self.values[name] = button.get("value", "")

    def send(self, client: Client, **typed: Typed) -> Any:
        """As the page has it, with what is typed instead. None: the box is not ticked."""
        values = self.values | typed
        return client.post(self.address, {k: v for k, v in values.items() if v is not None})

    def value(self, name: str) -> str:
        values = self.values.get(name, [])
        return values[0] if isinstance(values, list) and values else ""


def open_page(client: Client, address: str) -> Page:
    response = client.get(address)
    assert response.status_code == 200, f"{response.status_code} at {address}"
    return Page(response)


def follow(client: Client, response: Any) -> Page:
    """The page that a successful form leads to."""
    assert response.status_code == 302, Page(response).errors() or response.status_code
    return open_page(client, response["Location"])


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _filled_in(form: Element) -> Iterator[tuple[str, str]]:
    for element in form.iter():
        name = element.get("name")
        if not name or element.tag not in {"input", "textarea", "select"}:
            continue
        if element.tag == "textarea":
            yield name, element.text or ""
        elif element.tag == "select":
            options = list(element.iter("option"))
            chosen = [o for o in options if "selected" in o.attrib] or options
            yield name, chosen[0].get("value", "")
        elif element.get("type") not in {"checkbox", "radio"}:
            yield name, element.get("value", "")
        elif "checked" in element.attrib:
            yield name, element.get("value", "on")

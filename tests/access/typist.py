"""Somebody who types what nobody should: in each box of each form, and behind each `?name=`."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.etree.ElementTree import Element

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.urls import resolve
from hypothesis import strategies as st

from tests.access.answers import no_trace
from tests.access.crawler import text_of
from tests.access.policy import LATER, addresses
from tests.access.world import PERSONS, World
from tests.pages import Form, Page
from web import typed_text

Typed = str | bytes  # bytes: what is not UTF-8 at all

# A lone surrogate goes out as the bytes that it would have: no UTF-8 either.
HOSTILE: list[Typed] = [
    "An\0na", "\u202eanna\u202c", "An\u200bna", "An\ud800na", b"An\xff\xfena",
    b"\xed\xa0\x80\xc0\x80", "\ufeffAnna", "\u2066Anna", "An\x1b[2Jna", "An\u2028na",
    "An\uffffna", "An\U000e0041na", "x" * 1_000_000,
]  # fmt: skip
# Nothing that must be refused in a name, and much that a date or a number must not fall over.
ODD: list[Typed] = [
    "👩🏽\u200d💻", "علی\u200cرضا", "שלום", "e\u0301\u0323" * 9, "", " ", "٢٠٢٦-١١-٢٤",
    "0000-00-00", "0001-01-01", "9999-12-31", "2026-02-31", "-1", "9" * 400, "1e400", "nan",
    '"\\ud800\\u0000"', "{", "../../etc/passwd", "%00", "' OR 1=1 --", "=1+1",
    "rad\r\nrad", "12:60", "null",
]  # fmt: skip
ANYTHING = st.one_of(
    st.sampled_from(HOSTILE), st.sampled_from(ODD), st.text(max_size=60), st.binary(max_size=20)
)

_BOXES = {"email", "number", "search", "tel", "text", "textarea", "url"}
# A row that scripts copy, and whose password it is: nobody types there.
_NOT_TYPED = re.compile("__prefix__|^username$")
_TOKEN = "csrfmiddlewaretoken"
# What the product writes for itself: keys to sort by, signed data, documents.
_NO_TEXT = {"sort_key", "given_name_key", "session_data", "html"}


@dataclass(frozen=True)
class Blank:
    """A form as it lay on the page."""

    who: str
    method: str
    address: str
    values: dict[str, Any]
    boxes: tuple[str, ...]

    @cached_property
    def kind(self) -> tuple[object, ...]:
        """The same for the same form about somebody else."""
        return self.method, self._view, self.boxes, tuple(sorted(self.names))

    @property
    def names(self) -> list[str]:
        """Also what is chosen, and what the page hides: a browser need not have sent it."""
        return [name for name in self.values if name != _TOKEN]

    def __str__(self) -> str:
        return f"{self.method} {self._view} as {self.who}"

    @property
    def _view(self) -> str:
        return resolve(urlsplit(self.address).path).view_name


def blanks(world: World, users: Iterable[str], *, each_page_once: bool) -> dict[Any, Blank]:
    """The forms that these users meet, one of each kind."""
    found: dict[Any, Blank] = {}
    seen: set[str] = set()
    for who in users:
        for name, path in _pages(world, who):
            if not each_page_once or name not in seen:
                seen.add(name)
                for blank in _on_page(world, who, path):
                    found.setdefault(blank.kind, blank)
    return found


def send(world: World, blank: Blank, typed: dict[str, Typed]) -> list[str]:
    """What is wrong with the answer, or with what is stored now."""
    client = world.clients[blank.who]
    if blank.method == "get":  # no web server takes a longer address
        typed = {name: text[:1000] for name, text in typed.items()}
    query = urlencode(blank.values | typed, doseq=True, errors="surrogatepass")
    with no_trace(client), _written() as tables:
        if blank.method == "get":
            response = client.get(f"{urlsplit(blank.address).path}?{query}")
        else:
            form = "application/x-www-form-urlencoded"
            response = client.post(blank.address, query, content_type=form)
        faults = list(_faults(response, blank, typed, tables))
        text_of(response)
    return [f"{blank}: {fault}" for fault in faults]


def _pages(world: World, who: str) -> Iterator[tuple[str, str]]:
    for address in addresses():
        for kind in PERSONS if address.is_about_a_person else ("own",):
            if who in address.who_reaches(kind) and address.name not in LATER:
                yield address.name, address.of(world, kind)


def _on_page(world: World, who: str, path: str) -> Iterator[Blank]:
    with no_trace(world.clients[who]):
        response = world.clients[who].get(path)
        is_page = response.status_code == 200 and "<html" in text_of(response)
        page = Page(response) if is_page else None
    if page is None:
        return
    if asked := sorted(set(_asked(page))):
        yield Blank(who, "get", path, dict.fromkeys(asked, ""), tuple(asked))
    for element in page.root.iter("form"):
        boxes = tuple(sorted(set(_boxes(element))))
        for button in list(element.iter("button")) or [Element("button")]:
            form = Form(element, button, page.address)
            blank = Blank(who, element.get("method", "get"), form.address, form.values, boxes)
            if blank.method in {"get", "post"} and blank.names:
                yield blank


def _asked(page: Page) -> Iterator[str]:
    """What the page's links to itself ask for."""
    for link in page.root.iter("a"):
        target = urlsplit(link.get("href", ""))
        if target.path in {"", page.address}:
            yield from (name for name, _ in parse_qsl(target.query))


def _boxes(form: Element) -> Iterator[str]:
    for element in form.iter():
        kind = element.get("type", "text") if element.tag == "input" else element.tag
        name = element.get("name", "")
        if kind in _BOXES and name and not _NOT_TYPED.search(name):
            yield name


@contextmanager
def _written() -> Iterator[set[str]]:
    """The tables that are written to meanwhile."""
    tables: set[str] = set()

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        tables.update(re.findall(r'^(?:INSERT.* INTO|UPDATE) "(\w+)"', sql))
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield tables


def _faults(
    response: Any, blank: Blank, typed: dict[str, Typed], tables: set[str]
) -> Iterator[str]:
    if response.status_code >= 500:
        yield f"{response.status_code} for { {name: text[:40] for name, text in typed.items()} }"
        return
    yield from _unseen_in(tables)
    if response.status_code == 200 and blank.method == "post":
        yield from _lost(response, blank, typed)


def _unseen_in(tables: set[str]) -> Iterator[str]:
    for model in apps.get_models():
        fields = [field.name for field in model._meta.concrete_fields if _is_text(field)]
        if model._meta.db_table in tables:
            for row in models.QuerySet(model).values(*fields):
                for field, value in row.items():
                    bad = filter(_is_bad, _texts(value))
                    yield from (f"{model.__name__}.{field} has {text[:40]!a}" for text in bad)


def _is_text(field: Any) -> bool:
    is_text = isinstance(field, models.CharField | models.TextField | models.JSONField)
    return is_text and field.name not in _NO_TEXT


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _is_bad(text: str) -> bool:
    try:
        typed_text.check(text, is_running=True)
    except ValidationError:
        return True
    return len(text) > typed_text.LONGEST


def _lost(response: Any, blank: Blank, typed: dict[str, Typed]) -> Iterator[str]:
    """What was typed, and is gone from the form when it comes back."""
    for element in Page(response).root.iter("form"):
        if blank.boxes and tuple(sorted(set(_boxes(element)))) == blank.boxes:
            values = Form(element, Element("button"), "").values
            for name in typed.keys() & set(blank.boxes):
                kept = "".join(values.get(name) or [])
                if kept != _received(typed[name]):
                    yield f"{name} was {typed[name][:40]!a} and became {kept[:40]!a}"


def _received(typed: Typed) -> str:
    """As it arrives, and as HTML can say it."""
    sent = typed if isinstance(typed, bytes) else typed.encode(errors="surrogatepass")
    text = sent.decode(errors="replace").replace("\0", "\ufffd")
    return re.sub("\r\n?", "\n", text)

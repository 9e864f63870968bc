"""Somebody who has hidden markup in each text that there is, and somebody who looks for it."""

import re
from collections.abc import Iterator
from html import unescape
from itertools import cycle
from typing import Any
from xml.etree.ElementTree import Element

import tinyhtml5
from django.apps import apps
from django.db import connection, models
from django.urls import reverse

from messaging.sheet import published
from messaging.wording import in_use
from tests.access.crawler import Crawl
from tests.access.world import World
from tests.conftest import without_triggers
from tests.factories import GroupMappingFactory

MARK = "kanari"
PAYLOADS = [
    "<script>kanari()</script>", '"><img src=x onerror=kanari()>', "'><svg/onload=kanari()>",
    '" autofocus onfocus="kanari()', "' onmouseover='kanari()", "</textarea></title><kanari>",
    "javascript:kanari()//", "<a href=javascript:kanari()>x</a>", "--></style><b kanari>",
    "<iframe srcdoc=kanari>", "&lt;kanari&gt;<math><kanari>", "{{ kanari }}<kanari>",
    "<!--kanari--><kanari>", "<kanari>", '" kanari="',
]  # fmt: skip
# What a line of a sheet begins with.
LINES = ("# ", "## ", "1. ", "- ", "{sms}", "{qr} ", "*")
FLOORS = {"staff", "persons", "relations", "onboarding", "imports", "retention"} | {
    "inbox", "municipality", "notices", "sheet", "sync", "wording",
}  # fmt: skip
# What the product writes for itself, and what is nothing at all when it has another form.
FORMED = {
    "AccessLogEntry.listed", "AccessLogEntry.view", "AccessLogSeal.digest", "Disposal.rows",
    "ImportRow.person_digest", "ImportRun.digest", "Message.language", "Municipality.colour",
    "Municipality.logo_type", "Notice.html", "Person.identity_number", "Person.language",
    "PersonEvent.kind", "Registration.identity_number", "Registration.language",
    "Registration.refusal", "SendingMarker.marker", "SheetVersion.digest", "SheetVersion.html",
    "Text.language", "User.password",
}  # fmt: skip
_RUNS = re.compile(r"[\W_]*(javascript|vbscript|data:text)", re.IGNORECASE)
_LEADS = {"href", "src", "action", "formaction", "srcdoc", "data"}


def spoil(world: World) -> None:
    """Put a payload in each text of each row, also in history, which nobody else can change."""
    GroupMappingFactory(unit=world.here)
    in_use.deliver_all()
    for language in published.available():
        published.find(language.code)
    with connection.cursor() as cursor:
        for statement in without_triggers(connection)[0]:
            cursor.execute(statement)
    payloads = cycle(PAYLOADS)
    for model in apps.get_models():
        if model._meta.app_label in FLOORS:
            for row in models.QuerySet(model):
                spoils = {name: _payload(row, name, payloads) for name in _texts(model)}
                models.QuerySet(model).filter(pk=row.pk).update(**spoils)


def _texts(model: Any) -> Iterator[str]:
    for field in model._meta.concrete_fields:
        is_text = isinstance(field, models.CharField | models.TextField | models.JSONField)
        if is_text and not field.choices and f"{model.__name__}.{field.name}" not in FORMED:
            yield field.name


def _payload(row: Any, name: str, payloads: Iterator[str]) -> Any:
    field = row._meta.get_field(name)
    if isinstance(field, models.JSONField):
        return _within(getattr(row, name), payloads)
    if isinstance(field, models.TextField):
        return "\n\n".join(f"{start}{text}" for start in LINES for text in PAYLOADS)
    longest = (field.max_length or 1000) - (12 if field.unique else 0)
    text = next(text for text in payloads if len(text) <= longest)
    return f"{text}{row.pk}" if field.unique else text


def _within(value: Any, payloads: Iterator[str]) -> Any:
    if isinstance(value, dict):
        return {key: _within(part, payloads) for key, part in value.items()}
    if isinstance(value, list):
        return [_within(part, payloads) for part in value]
    return next(payloads) if isinstance(value, str) else value


def markup(html: str) -> list[str]:
    """What of this page came from a payload, or could run."""
    root = tinyhtml5.parse(html, namespace_html_elements=False)
    return [fault for element in root.iter() for fault in _of_element(element)]


def _of_element(element: Element) -> Iterator[str]:
    if not isinstance(element.tag, str):  # a comment
        if MARK in (element.text or ""):
            yield f"comment {element.text}"
        return
    if MARK in element.tag or element.tag in {"iframe", "object", "embed", "base"}:
        yield f"element {element.tag}"
    if element.tag in {"script", "style"} and MARK in (element.text or ""):
        yield f"{element.tag} with {element.text}"
    for name, value in element.attrib.items():
        leads = name in _LEADS and _RUNS.match(value)
        if MARK in name or name.startswith("on") or name in {"style", "srcdoc"} or leads:
            yield f"{name}={value} on {element.tag}"


class Reader(Crawl):
    """Reads all that comes back as a browser does."""

    typed = '"><img src=x onerror=kanari()>'

    def __init__(self, world: World, who: str) -> None:
        super().__init__(world, who)
        sign_in = world.clients["anonymous"].get(reverse("account_login"))
        self.policy = sign_in["Content-Security-Policy"]

    def look(self) -> "Reader":
        """At each page, and at what comes back from its forms; no further."""
        for path in self._first():
            self.seen.add(path)
            self._visit(path)
        return self

    def _read(self, response: Any, path: str) -> None:
        if response.status_code >= 500:
            self.leaks.append(f"{path}: {response.status_code}")
        if response.streaming:
            list(response)
        elif response.get("Content-Type", "").startswith("text/html"):
            html = response.content.decode()
            self.leaks += [f"{path}: {fault}" for fault in markup(html)]
            self.met.update(payload for payload in PAYLOADS if payload in unescape(html))
            if response["Content-Security-Policy"] != self.policy:
                self.leaks.append(f"{path}: {response['Content-Security-Policy']}")

"""What holds for the HTML of every page, whoever sees it."""

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from xml.etree.ElementTree import Element

import pytest
from django.test import Client
from django.urls import reverse

from messaging.sheet import document, published
from persons.models import Person
from staff.models import Municipality, Role, User
from tests.factories import (
    CaseFactory,
    MessageFactory,
    NoticeFactory,
    PersonFactory,
    RelationFactory,
    SheetVersionFactory,
    UserFactory,
)
from tests.pages import Page, open_page, words

pytestmark = pytest.mark.django_db

PUBLIC = ["account_login", "cookies", "accessibility"]
ABOUT_A_PERSON = [
    "person", "history", "readers", "switch_on", "switch_off", "welcome", "cases", "relations",
    "add_relation", "change_details",
]  # fmt: skip
ABOUT_A_RELATION = ["relation", "close_relation"]
SITUATIONS = {
    "new": {},
    "waiting": {"account__pending": True},
    "in use": {"account__active": True},
    "refused": {"account__failed": True},
    "protected": {"protected": True},
    "deceased": {"deceased": True},
}
REFERENCES = ("aria-describedby", "aria-labelledby", "aria-controls")


@pytest.fixture
def karin() -> User:
    html = document.standalone(published.find(), municipality=Municipality.load())
    SheetVersionFactory(digest=sha256(html.encode()).hexdigest())
    return UserFactory(role=Role.SUPPORT_CONTACT)


@pytest.fixture
def signed_in(client, karin) -> Client:
    client.force_login(karin)
    return client


def person_in(situation: str, karin: User) -> Person:
    person = PersonFactory(**SITUATIONS[situation])
    CaseFactory(person=person, support_contact=karin)
    if situation == "in use":
        MessageFactory(person=person, readable=True, written_by=karin)
        NoticeFactory(person=person, undelivered=True)
    return person


def faults(page: Page) -> list[str]:
    """In words, so that a failing test says what to mend."""
    return [*_of_the_frame(page), *_of_headings(page), *_of_ids(page), *_of_markup(page)]


def _of_the_frame(page: Page) -> Iterator[str]:
    if not page.title.endswith(" – Meddelanden") or page.title.startswith("–"):
        yield f"the title is {page.title}"
    if sum(e.get("role") == "status" for e in page.root.iter()) != 1:
        yield "there is not one place for messages"
    skip, main = next(page.root.iter("a")), page.by_id("main")
    if skip.get("href") != "#main" or main is None or main.get("tabindex") != "-1":
        yield "nothing leads past the header"


def _of_headings(page: Page) -> Iterator[str]:
    headings = [e for e in page.root.iter() if e.tag in {"h1", "h2", "h3", "h4"}]
    if [words(e) != "" for e in headings if e.tag == "h1"] != [True]:
        yield "there is not one main heading"
    # What stands above the main heading (a banner) does not count.
    levels = [int(e.tag[1]) for e in headings]
    below = levels[levels.index(1) :] if 1 in levels else []
    yield from (f"h{next_} after h{last}" for last, next_ in pairwise(below) if next_ > last + 1)


def _of_ids(page: Page) -> Iterator[str]:
    ids = Counter(e.get("id") for e in page.root.iter() if e.get("id"))
    yield from (f"id {name} stands {count} times" for name, count in ids.items() if count > 1)
    for element in page.root.iter():
        names = [element.get("for")] if element.tag == "label" else []
        names += [name for key in REFERENCES for name in element.get(key, "").split()]
        yield from (f"nothing has the id {name}" for name in names if name not in ids)


def _of_markup(page: Page) -> Iterator[str]:
    labelled = {e.get("for") for e in page.root.iter("label")}
    for element in page.root.iter():
        yield from (f"{name} on {element.tag}" for name in _forbidden(element))
        if _is_asked_for(element) and element.get("id") not in labelled:
            yield f"{element.get('name')} has no label"
        if element.tag == "form" and element.get("method") == "post" and not _has_token(element):
            yield f"the form to {element.get('action')} has no token"


def _forbidden(element: Element) -> list[str]:
    """What the content security policy stops, and what browsers would say in other words."""
    inline = [name for name in element.attrib if name.startswith("on") or name == "style"]
    if element.tag == "style" or (element.tag == "script" and not element.get("src")):
        inline.append("content")
    return inline + [name for name in ("required", "disabled") if name in element.attrib]


def _is_asked_for(element: Element) -> bool:
    kinds = {"select", "textarea", "input"}
    return element.tag in kinds and element.get("type") not in {"hidden", "submit"}


def _has_token(form: Element) -> bool:
    return any(e.get("name") == "csrfmiddlewaretoken" for e in form.iter("input"))


class TestPublicPages:
    @pytest.mark.parametrize("name", PUBLIC)
    def test_have_no_faults(self, client, name):
        assert faults(open_page(client, reverse(name))) == []

    def test_have_none_when_nothing_was_typed(self, client):
        page = Page(client.post(reverse("account_login")))

        assert faults(page) == []
        assert page.errors()


class TestPagesAboutAPerson:
    @pytest.mark.parametrize("situation", SITUATIONS)
    def test_have_no_faults_in_any_situation(self, signed_in, karin, situation):
        person = person_in(situation, karin)

        for name in ABOUT_A_PERSON:
            response = signed_in.get(reverse(name, args=[person.public_id]))
            if response.status_code == 200:
                assert faults(Page(response)) == [], name

    @pytest.mark.parametrize("name", ["switch_on", "welcome", "relations", "add_relation"])
    def test_have_none_when_nothing_was_typed(self, signed_in, karin, name):
        person = person_in("waiting", karin)

        page = Page(signed_in.post(reverse(name, args=[person.public_id]), {"wish": "yes"}))

        assert page.errors()
        assert faults(page) == []

    @pytest.mark.parametrize("name", ABOUT_A_RELATION)
    @pytest.mark.parametrize("state", ["pending", "active", "failed", "closing"])
    def test_have_none_about_a_relation(self, signed_in, karin, name, state):
        relation = RelationFactory(principal=person_in("in use", karin), **{state: True})

        both = [relation.principal.public_id, relation.public_id]
        assert faults(open_page(signed_in, reverse(name, args=both))) == []


class TestOtherPages:
    def test_have_no_faults_with_people_and_without(self, signed_in, karin):
        assert faults(open_page(signed_in, reverse("start"))) == []
        for situation in SITUATIONS:
            person_in(situation, karin)
        for view in ("att-gora", "atgarda", "vantar", "klara", "alla"):
            assert faults(open_page(signed_in, f"{reverse('start')}?vy={view}")) == []

    def test_have_none_for_administrators(self, client):
        client.force_login(UserFactory(role=Role.SYSTEM_ADMIN))

        for name in ("sync_status", "municipality"):
            assert faults(open_page(client, reverse(name))) == []

    def test_have_none_when_there_is_no_page(self, signed_in):
        assert faults(Page(signed_in.get("/finns-inte/"))) == []

    def test_have_none_in_the_demo(self, signed_in, settings, tmp_path):
        settings.DEMO, settings.OUTBOX_DIR = True, tmp_path

        assert faults(open_page(signed_in, reverse("outbox"))) == []

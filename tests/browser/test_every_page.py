"""axe finds nothing on any page, as it is at first and when something went wrong."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from onboarding.imports.views import EXAMPLE
from tests.browser.faults import WINDOW, faults
from tests.browser.journey import open_person

WRONG = re.compile("^Fel: ")
VIEWS = ("att-gora", "forsenade", "atgarda", "vantar", "klara", "alla")
KARIN, MONA = "Karin Ek", "Mona Dahl"


def person(name: str, path: str = "") -> Callable[[Page], None]:
    def visit(page: Page) -> None:
        open_person(page, name)
        if path:
            page.goto(page.url + path)

    return visit


def sent_as_it_is(name: str, path: str, button: str) -> Callable[[Page], None]:
    """What stands there is emptied, and sent."""

    def visit(page: Page) -> None:
        person(name, path)(page)
        for field in page.get_by_role("main").get_by_role("textbox").all():
            if field.is_visible():
                field.fill("")
        page.get_by_role("button", name=button).click()
        expect(page).to_have_title(WRONG)

    return visit


def address(path: str) -> Callable[[Page], None]:
    return lambda page: page.goto(path)


def stop_page(page: Page) -> None:
    """Nobody is told: asked about before it is saved."""
    person("Amina Exempel", "koppla-pa/")(page)
    page.get_by_role("checkbox", name="Notifiering via SMS").uncheck()
    page.get_by_role("radio", name="Nej", exact=True).check()
    page.get_by_role("button", name="Koppla på").click()
    page.get_by_role("heading", name="Kontrollera innan du kopplar på").wait_for()


def first_outgoing(page: Page) -> None:
    page.goto("/utkorg/")
    links = page.get_by_role("main").get_by_role("link")
    if links.count():
        links.first.click()
        expect(page).not_to_have_title(re.compile("^Utkorg"))


def municipality_error(page: Page) -> None:
    page.goto("/installningar/kommunen/")
    page.get_by_role("textbox", name="Kommunens namn", exact=True).fill(
        "Socialtjänsten i Söderköping"
    )
    page.get_by_role("button", name="Spara").click()
    expect(page).to_have_title(WRONG)


def import_error(page: Page) -> None:
    page.goto("/import/")
    page.get_by_role("button", name="Kontrollera filen").click()
    expect(page).to_have_title(WRONG)


def imported(page: Page) -> None:
    """Checked, with an error to show."""
    page.goto("/import/")
    rows = EXAMPLE.read_text().replace("2026-10-01", "1 oktober")
    file = {"name": "exempel.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    page.get_by_label("CSV-fil").set_input_files(files=[file])
    page.get_by_role("button", name="Kontrollera filen").click()
    page.get_by_role("heading", name="Resultat av import").wait_for()


BY_KARIN = {
    **{f"start, {view}": address(f"/?vy={view}") for view in VIEWS},
    "a person who is not on": person("Amina Exempel"),
    "a person who is done": person("Johan Ängstest"),
    "a person who is protected": person("Skyddad person"),
    "switching on": person("Amina Exempel", "koppla-pa/"),
    "switching on, wrong": sent_as_it_is("Amina Exempel", "koppla-pa/", "Koppla på"),
    "switching on, stopped": stop_page,
    "changing a number": person("Bo Prov", "koppla-pa/"),
    "switching off": person("Bo Prov", "stang-av/"),
    "writing a welcome": person("Elsa Påhitt", "valkomstmeddelande/"),
    "writing a welcome, wrong": sent_as_it_is(
        "Elsa Påhitt", "valkomstmeddelande/", "välkomstmeddelandet"
    ),
    "a welcome that has been sent": person("Bo Prov", "valkomstmeddelande/"),
    "relations": person("Bo Prov", "relationer/"),
    "adding a relation": person("Bo Prov", "relationer/lagg-till/"),
    "adding a relation, wrong": sent_as_it_is(
        "Bo Prov", "relationer/lagg-till/", "Lägg till relationen"
    ),
    "history": person("Bo Prov", "historik/"),
    "a page that is not there": address("/finns-inte/"),
    "the night": address("/synkning/"),
    "the outbox": address("/utkorg/"),
    "what left": first_outgoing,
    "the components": address("/demo/komponenter/"),
    "cookies": address("/om-kakor/"),
    "accessibility": address("/tillganglighet/"),
    "the information sheet": address("/informationsblad/"),
}
BY_MONA = {
    "nobody on the list": address("/"),
    "the municipality": address("/installningar/kommunen/"),
    "the municipality, wrong": municipality_error,
    "the night": address("/synkning/"),
    "how it goes": address("/drift/"),
    "the texts of the sheet": address("/texter/blad/"),
    "a text of the sheet": address("/texter/blad/sv/"),
    "imports": address("/import/"),
    "imports, wrong": import_error,
    "an import": imported,
    "the admin": address("/admin/"),
}


@pytest.mark.parametrize("who", [KARIN, MONA])
def test_can_be_used_by_everyone(signed_in, who):
    page = signed_in(who, **WINDOW)
    pages = BY_KARIN if who == KARIN else BY_MONA

    found = {}
    for name, visit in pages.items():
        visit(page)
        found |= {name: wrong} if (wrong := faults(page)) else {}

    assert found == {}


def test_signing_in_can_be_done_by_everyone(new_context):
    page = new_context(**WINDOW).new_page()

    page.goto("/")
    at_first = faults(page)
    page.get_by_role("button", name="Logga in", exact=True).click()
    expect(page).to_have_title(WRONG)

    assert at_first == []
    assert faults(page) == []


def test_a_failed_form_puts_the_focus_on_its_summary_and_leads_to_each_field(signed_in):
    page = signed_in(KARIN)
    sent_as_it_is("Amina Exempel", "koppla-pa/", "Koppla på")(page)

    expect(page.locator("[data-error-summary]")).to_be_focused()
    links = page.locator("[data-error-summary] a").all()
    assert links
    for link in links:
        target = (link.get_attribute("href") or "").lstrip("#")
        link.click()
        expect(page.locator(f"[id='{target}']")).to_be_focused()

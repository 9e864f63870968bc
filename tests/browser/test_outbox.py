"""A welcome to someone who can use the service already leaves at once, and is shown as it left."""

from playwright.sync_api import Page, expect

from tests.browser.faults import WINDOW, faults
from tests.browser.journey import assert_opens_as_one_page, heading, open_person, status, until

NAME, MOBILE, EMAIL = "Åsa Testqvist", "070-174 06 83", "asa@exempel.se"


def test_what_leaves_at_once_is_shown_as_it_left(signed_in):
    page = signed_in("Karin Ek", **WINDOW)

    _tell_by_both(page)
    page.get_by_role("link", name="Skriv välkomstmeddelande").first.click()
    page.get_by_role("button", name="Skicka välkomstmeddelandet").click()
    status(page, "Välkomstmeddelandet skickas nu.")
    until(page, page.get_by_text("Mejl skickat"))
    until(page, page.get_by_text("Sms levererat"))

    page.goto("/utkorg/")
    found = {"the outbox": faults(page)}
    page.get_by_role("link", name="Sms till +46701740683").click()
    expect(page.get_by_role("main")).to_contain_text("är nu öppen för dig")
    found["an SMS"] = faults(page)
    page.go_back()
    page.get_by_role("link", name=f"Mejl till {EMAIL}").click()
    link = page.get_by_role("link", name="informationsblad-meddelanden.pdf")
    assert_opens_as_one_page(page, link)
    found["an e-mail"] = faults(page)

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def _tell_by_both(page: Page) -> None:
    open_person(page, NAME)
    page.goto(f"{page.url}koppla-pa/")
    heading(page, "Ändra kontaktvägar")
    page.get_by_role("textbox", name="Telefon mobil").fill(MOBILE)
    page.get_by_role("checkbox", name="Notifiering via e-post").check()
    page.get_by_role("textbox", name="E-postadress").fill(EMAIL)
    page.get_by_role("button", name="Spara kontaktvägarna").click()
    status(page, f"Kontaktvägarna är ändrade för {NAME}.")

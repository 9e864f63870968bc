"""Points 1 to 8 of the main job, from sign-in to the sent welcome, without touching the mouse."""

import re

from playwright.sync_api import Page, expect

from tests.browser.journey import (
    PASSWORD,
    assert_opens_as_one_page,
    heading,
    run_is_done,
    status,
    until,
)
from tests.browser.keyboard import Keyboard

AMINA = "Amina Exempel"
SMS, EMAIL = "+46701740605", "person1@exempel.se"


def test_a_person_is_switched_on_and_welcomed_by_keyboard_alone(new_context):
    page = new_context().new_page()
    keyboard = Keyboard(page)

    _sign_in(page, keyboard, "karin.ek@soderkoping.example")
    _open_person(page, keyboard)
    _switch_on(page, keyboard)
    _write_welcome(page, keyboard)
    _answer_relations(page, keyboard)
    _sign_out(page, keyboard)

    _sign_in(page, keyboard, "mona.dahl@soderkoping.example")
    _run_the_night(page, keyboard)
    _go_to_the_morning(page, keyboard)
    _sign_out(page, keyboard)

    _sign_in(page, keyboard, "karin.ek@soderkoping.example")
    _see_that_it_has_arrived(page, keyboard)
    _read_outbox(page, keyboard)
    _read_sheet_without_signing_in(new_context().new_page())


def _sign_in(page: Page, keyboard: Keyboard, email: str) -> None:
    page.goto("/")
    keyboard.skip_to_content()
    keyboard.fill("E-postadress", email)
    keyboard.press("Tab")
    keyboard.type(PASSWORD)
    with page.expect_event("load"):
        keyboard.press("Enter")
    heading(page, "Mina personer")


def _sign_out(page: Page, keyboard: Keyboard) -> None:
    page.goto("/")
    keyboard.tab_to_element(page.locator("summary", has_text="Inloggad som"))
    keyboard.press("Enter")
    keyboard.follow("Logga ut", role="button", within=6)
    heading(page, "Logga in")


def _open_person(page: Page, keyboard: Keyboard) -> None:
    row = page.get_by_role("row", name=AMINA)
    expect(row).to_contain_text("Koppla på e-tjänsten")
    keyboard.skip_to_content()
    keyboard.follow(AMINA, within=120)
    heading(page, "Kom igång med e-tjänsten")
    expect(page.get_by_role("main")).to_contain_text("0 av 4 klara.")


def _switch_on(page: Page, keyboard: Keyboard) -> None:
    keyboard.skip_to_content()
    assert keyboard.follow("Koppla på e-tjänsten", within=12) <= 12
    expect(page.get_by_role("main")).to_contain_text("från och med i morgon, tisdag 24 november")
    keyboard.skip_to_content()
    keyboard.fill("Telefon mobil", "070-174 06 05")
    keyboard.tick("Notifiering via e-post")
    keyboard.fill("E-postadress", EMAIL)
    keyboard.choose("Nej")
    keyboard.follow("Koppla på", role="button")
    status(
        page,
        f"E-tjänsten är påkopplad för {AMINA}. Den synkas på natten och kan användas "
        "från och med i morgon, tisdag 24 november.",
    )


def _write_welcome(page: Page, keyboard: Keyboard) -> None:
    keyboard.skip_to_content()
    keyboard.follow("Skriv välkomstmeddelande", within=12)
    expect(page.get_by_role("textbox", name="Meddelande")).to_have_value(re.compile("^Hej Amina!"))
    keyboard.skip_to_content()
    keyboard.fill("Ämne", "Välkommen Amina")
    expect(page.locator("#preview")).to_contain_text("Välkommen Amina")
    for pane in ("Sms", "Mejl", "Informationsblad"):
        keyboard.tab_to_element(page.locator("summary", has_text=pane).first)
        keyboard.press("Enter")
    expect(page.get_by_text("är nu öppen för dig").first).to_be_visible()
    expect(page.get_by_role("heading", name="Så loggar du in")).to_be_visible()
    keyboard.follow("Schemalägg välkomstmeddelandet", role="button", key="Shift+Tab")
    status(page, "Det skickas i morgon, tisdag 24 november kl. 09.00.")


def _answer_relations(page: Page, keyboard: Keyboard) -> None:
    keyboard.skip_to_content()
    keyboard.follow("Fråga om relationer")
    keyboard.skip_to_content()
    keyboard.tab_to("radio", "Ja, lägg till")
    keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Nej, ingen just nu")).to_be_checked()
    keyboard.follow("Spara svaret", role="button", within=12)
    status(page, "Svaret är sparat: Nej, ingen just nu.")
    expect(page.get_by_role("main")).to_contain_text("2 av 4 klara.")


def _run_the_night(page: Page, keyboard: Keyboard) -> None:
    keyboard.follow("Gå till natten kl. 03.30", role="button")
    keyboard.follow("Synkning")
    heading(page, "Synkning")
    keyboard.skip_to_content()
    keyboard.follow("Kör nattens synkning nu", role="button", within=12)
    run_is_done(page)


def _go_to_the_morning(page: Page, keyboard: Keyboard) -> None:
    keyboard.follow("Gå till nästa vardag kl. 09.00", role="button")
    expect(page.get_by_role("complementary")).to_contain_text("tisdag 24 november kl. 09.0")


def _see_that_it_has_arrived(page: Page, keyboard: Keyboard) -> None:
    page.goto("/?vy=vantar")
    keyboard.skip_to_content()
    keyboard.follow(AMINA, within=120)
    main = page.get_by_role("main")
    until(page, main.get_by_text("Mejl skickat"))
    until(page, main.get_by_text("Sms levererat 24 november kl. 09."))
    expect(main).to_contain_text("Meddelandet finns i inkorgen")
    expect(main).to_contain_text("Kan användas sedan i dag")
    expect(main).to_contain_text("3 av 4 klara.")


def _read_outbox(page: Page, keyboard: Keyboard) -> None:
    keyboard.follow("Utkorg")
    keyboard.skip_to_content()
    keyboard.follow(f"Sms till {SMS}")
    expect(page.get_by_role("main")).to_contain_text("Soderkoping")
    expect(page.get_by_role("main")).to_contain_text("är nu öppen för dig")
    keyboard.skip_to_content()
    keyboard.follow_element(page.get_by_role("main").get_by_role("link", name="Utkorg"), within=1)
    keyboard.skip_to_content()
    keyboard.follow(f"Mejl till {EMAIL}")
    expect(page.get_by_role("main")).to_contain_text("Söderköpings kommun")
    keyboard.skip_to_content()
    keyboard.tab_to("link", "informationsblad-meddelanden.pdf", within=12)
    link = page.get_by_role("link", name="informationsblad-meddelanden.pdf")
    assert_opens_as_one_page(page, link)


def _read_sheet_without_signing_in(page: Page) -> None:
    page.goto("/informationsblad/")
    heading(page, "Så använder du e-tjänsten Meddelanden")
    keyboard = Keyboard(page)
    keyboard.skip_to_content()
    keyboard.tab_to("link", "Öppna bladet som PDF (1 sida)", within=3)
    assert_opens_as_one_page(page, page.get_by_role("link", name="Öppna bladet som PDF"))
    assert page.context.cookies() == []

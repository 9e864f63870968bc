"""The same job in a browser that runs no script at all."""

from playwright.sync_api import Page, expect

from tests.browser.journey import (
    assert_opens_as_one_page,
    heading,
    move_clock,
    open_person,
    promise,
    run_the_night,
    schedule_welcome,
    sent_to,
    status,
    switch_on,
    until,
    write_welcome,
)

NAME = "David Demo"
MOBILE, EMAIL = "+46701740608", "david@exempel.se"


def test_a_person_is_switched_on_and_welcomed_without_javascript(new_context, product):
    page = new_context(java_script_enabled=False).new_page()

    _sign_in(page, "Karin Ek")
    usable, sent = promise(product)
    switch_on(page, NAME, mobile="070-174 06 08", email=EMAIL)
    status(page, f"från och med {usable}")
    write_welcome(page)
    _preview(page)
    schedule_welcome(page)
    status(page, f"Det skickas {sent} kl. 09.00.")
    _answer_relations(page)
    _sign_out(page)

    _sign_in(page, "Mona Dahl")
    move_clock(page, "Gå till natten")
    run_the_night(page)
    move_clock(page, "Gå till nästa vardag")
    _sign_out(page)

    _sign_in(page, "Karin Ek")
    _see_that_it_has_arrived(page)
    assert sent_to(page, MOBILE, EMAIL) == (1, 1)
    _read_email(page)


def _sign_in(page: Page, name: str) -> None:
    page.goto("/")
    page.get_by_role("button", name=f"Logga in som {name}").click()
    heading(page, "Mina personer")


def _sign_out(page: Page) -> None:
    page.locator("summary", has_text="Inloggad som").click()
    page.get_by_role("button", name="Logga ut").click()
    heading(page, "Logga in")


def _preview(page: Page) -> None:
    """Nothing updates by itself: there is a button."""
    page.get_by_role("textbox", name="Ämne").fill("Välkommen David")
    page.get_by_role("button", name="Uppdatera förhandsvisningen").click()
    expect(page.locator("#preview")).to_contain_text("Välkommen David")
    expect(page.get_by_role("textbox", name="Ämne")).to_have_value("Välkommen David")


def _answer_relations(page: Page) -> None:
    page.get_by_role("main").get_by_role("link", name="Fråga om relationer").click()
    page.get_by_role("radio", name="Nej, ingen just nu").check()
    page.get_by_role("button", name="Spara svaret").click()
    status(page, "Svaret är sparat: Nej, ingen just nu.")


def _see_that_it_has_arrived(page: Page) -> None:
    open_person(page, NAME)
    main = page.get_by_role("main")
    until(page, main.get_by_text("Mejl skickat"))
    until(page, main.get_by_text("Sms levererat"))
    expect(main).to_contain_text("3 av 4 klara.")


def _read_email(page: Page) -> None:
    page.get_by_role("link", name=f"Mejl till {EMAIL}").click()
    expect(page.get_by_role("main")).to_contain_text("Söderköpings kommun")
    assert_opens_as_one_page(page, page.get_by_role("link", name="informationsblad-meddelanden"))

"""The same job for someone who wants a relative to read and write too."""

from playwright.sync_api import Page, expect

from tests.browser.journey import (
    heading,
    move_clock,
    open_person,
    promise,
    run_the_night,
    schedule_welcome,
    status,
    switch_on,
    until,
    write_welcome,
)

NAME, MOBILE, EMAIL = "Rosa Exempelström", "070-174 06 21", "rosa@exempel.se"
RELATIVE, NUMBER = "Leila Exempelström", "19961020-2385"


def test_a_relative_who_is_added_can_use_the_service_with_the_person(signed_in, product):
    page = signed_in("Karin Ek")

    usable, _sent = promise(product)
    switch_on(page, NAME, mobile=MOBILE, email=EMAIL)
    write_welcome(page)
    schedule_welcome(page)
    _add_relative(page, product.now().date().isoformat())
    status(page, f"{RELATIVE} är tillagd. Kan användas från och med {usable}.")
    expect(_card(page)).to_contain_text("Väntar")

    administrator = signed_in("Mona Dahl")
    move_clock(administrator, "Gå till natten")
    run_the_night(administrator)
    move_clock(administrator, "Gå till nästa vardag")

    open_person(page, NAME)
    main = page.get_by_role("main")
    until(page, main.get_by_text("Sms levererat"))
    expect(main).to_contain_text("Minst en relation är tillagd.")
    main.get_by_role("link", name="Fråga om relationer").click()
    expect(_card(page)).to_contain_text("Kan användas sedan")
    expect(_card(page)).to_contain_text("läsa meddelanden, skriva meddelanden")
    _close(page)


def _add_relative(page: Page, today: str) -> None:
    page.get_by_role("main").get_by_role("link", name="Fråga om relationer").click()
    page.get_by_role("radio", name="Ja, lägg till").check()
    page.get_by_role("button", name="Spara svaret").click()
    heading(page, "Lägg till en närstående")
    page.get_by_role("textbox", name="Personnummer").fill(NUMBER)
    page.get_by_role("textbox", name="Förnamn").fill("Leila")
    page.get_by_role("textbox", name="Efternamn").fill("Exempelström")
    page.get_by_role("textbox", name="Hur känner de varandra?").fill("syster")
    page.get_by_role("textbox", name="När inleddes utredningen?").fill(today)
    page.get_by_role("radio", name="Muntligt").check()
    page.get_by_role("textbox", name="Telefon mobil").fill("070-174 06 77")
    page.get_by_role("radio", name="Nej", exact=True).check()
    page.get_by_role("button", name="Lägg till relationen").click()


def _card(page: Page):
    return page.get_by_role("region", name=RELATIVE)


def _close(page: Page) -> None:
    page.get_by_role("link", name=f"Stäng åtkomst för {RELATIVE}").click()
    page.get_by_role("button", name="Stäng åtkomst").click()
    status(page, f"Åtkomsten är stängd för {RELATIVE}. Det gäller direkt.")
    expect(_card(page)).to_have_count(0)

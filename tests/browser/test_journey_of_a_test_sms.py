"""A number is tried while the person is in the room, and the person says whether it came."""

from playwright.sync_api import Page, expect

from tests.browser.faults import WINDOW, faults
from tests.browser.journey import heading, open_person, press, status, until

SHE_GOT_IT, HE_DID_NOT = "Greta Skiss", "Kjell Utkastberg"
HIS_REAL_NUMBER = "070-174 06 33"


def test_a_number_is_proved_by_a_yes_and_corrected_after_a_no(signed_in):
    page = signed_in("Karin Ek", **WINDOW)

    _send_test(page, SHE_GOT_IT)
    found = faults(page)
    press(page, "Ja")
    status(page, "Noterat: personen fick sms:et. Numret stämmer.")
    page.goto(f"{page.url}test-sms/")
    expect(page.get_by_role("main")).to_contain_text("Ja. Numret stämmer.")

    _send_test(page, HE_DID_NOT)
    press(page, "Nej")
    heading(page, "Ändra uppgifter")
    status(page, "Noterat: personen fick inte sms:et.")
    page.get_by_role("textbox", name="Telefon mobil").fill(HIS_REAL_NUMBER)
    page.get_by_role("button", name="Spara").click()
    expect(page.get_by_role("button", name="Skicka test-sms till det nya numret")).to_be_visible()

    assert found == []


def _send_test(page: Page, name: str) -> None:
    open_person(page, name)
    press(page, "Skicka test-sms")
    heading(page, "Test-sms")
    until(page, page.get_by_text("Sms levererat"))
    expect(page.get_by_role("heading", name="Fick personen sms:et?")).to_be_visible()

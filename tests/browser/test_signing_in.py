"""Signing in where there is no demo: at the provider, or with a password and a second factor."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.faults import WINDOW, faults
from tests.browser.journey import PASSWORD, heading
from tests.browser.keyboard import Keyboard
from tests.browser.product import Office, Product
from tests.identity_provider import IdentityProvider
from tests.signing_in import code

LOCAL = "jonas.holm@soderkoping.example"
STAY = "Fortsätt vara inloggad"


@pytest.fixture(scope="module")
def office(product: Product, identity_provider: IdentityProvider) -> Iterator[Office]:
    office = Office(product, identity_provider.url)
    try:
        office.start()
        yield office
    finally:
        office.end()


@pytest.fixture
def hasty(product: Product, identity_provider: IdentityProvider) -> Iterator[Office]:
    """The warning comes some seconds after the last thing done."""
    office = Office(product, identity_provider.url, SESSION_IDLE_SECONDS="125")
    try:
        office.start()
        yield office
    finally:
        office.end()


@pytest.fixture
def nils(signed_in: Callable[..., Page], identity_provider: IdentityProvider) -> str:
    """Somebody at the provider, in a group that the administrator has put in the table."""
    group, subject = f"SOC-{uuid4()}", f"nils-{uuid4()}"
    page = signed_in("Mona Dahl")
    page.goto("/admin/staff/groupmapping/add/")
    page.get_by_label("Grupp:").fill(group)
    page.get_by_label("Roll:").select_option(label="Handläggare")
    page.get_by_label("Enhet:").select_option(label="Vuxenenheten")
    page.get_by_role("button", name="Spara", exact=True).click()
    expect(page.get_by_text(group).first).to_be_visible()
    identity_provider.knows(
        subject, email=f"{subject}@soderkoping.example", given_name="Nils", family_name="Ny",
        groups=[group], amr=["mfa"],
    )  # fmt: skip
    return subject


def sign_in_at_provider(page: Page, subject: str) -> None:
    page.get_by_role("button", name="Logga in med kommunens konto").click()
    page.get_by_placeholder("sub").fill(subject)
    page.get_by_role("button", name="Authorize").click()


def give_password(page: Page) -> None:
    page.get_by_text("Har du ett lokalt konto?").click()
    page.get_by_role("textbox", name="E-postadress").fill(LOCAL)
    page.get_by_role("textbox", name="Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Logga in", exact=True).click()


def sign_out(page: Page) -> None:
    page.locator("[data-menu] summary").click()
    page.get_by_role("button", name="Logga ut").click()


def test_the_municipalitys_account_leads_to_the_page_and_out_at_both(
    office, new_context, nils, identity_provider
):
    page = new_context(base_url=office.url, **WINDOW).new_page()
    page.goto("/synkning/")
    found = faults(page)

    sign_in_at_provider(page, nils)
    heading(page, "Synkning")
    expect(page.get_by_text("Nils Ny")).to_be_visible()
    sign_out(page)
    page.wait_for_url(f"{identity_provider.url}/**")
    page.goto(f"{office.url}/synkning/")

    heading(page, "Logga in")
    assert found == []


def test_a_local_account_gets_a_second_factor_first(office, new_context):
    context: BrowserContext = new_context(base_url=office.url, **WINDOW)
    page = context.new_page()
    _put_in_a_security_key(context, page)
    found = {}

    page.goto("/")
    give_password(page)
    heading(page, "Tvåstegsinloggning")
    found["the choice"] = faults(page)
    page.get_by_role("link", name="Ställ in en app").click()
    heading(page, "Ställ in en app")
    found["the app"] = faults(page)
    secret = page.locator("code.secret").inner_text()
    page.get_by_role("textbox", name="Kod från appen").fill(code(secret))
    page.get_by_role("button", name="Spara").click()
    heading(page, "Reservkoder")
    found["the codes"] = faults(page)
    spare = page.locator(".codes code").first.inner_text()
    page.get_by_role("link", name="Jag har sparat koderna").click()
    heading(page, "Mina personer")

    page.goto("/konto/tva-steg/ny-nyckel/")
    found["a key"] = faults(page)
    page.get_by_role("button", name="Lägg till nyckeln").click()
    expect(page.get_by_text("Säkerhetsnyckel 1")).to_be_visible()
    sign_out(page)
    give_password(page)
    heading(page, "Andra steget")
    found["the second step"] = faults(page)
    page.get_by_role("button", name="Använd en säkerhetsnyckel").click()
    heading(page, "Mina personer")

    sign_out(page)
    give_password(page)
    page.get_by_role("textbox", name="Kod från appen").fill(spare)
    page.get_by_role("button", name="Logga in").click()
    heading(page, "Mina personer")
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_the_warning_before_sign_out_is_answered_by_keyboard(hasty, new_context, nils):
    context = new_context(base_url=hasty.url, **WINDOW)
    page = context.new_page()
    page.goto("/synkning/")
    sign_in_at_provider(page, nils)
    dialog, keyboard = page.get_by_role("dialog"), Keyboard(page)

    expect(dialog.get_by_role("heading")).to_have_text("Du loggas ut om 2 minuter.")
    expect(dialog.get_by_role("button", name=STAY)).to_be_focused()
    found = faults(page)
    keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(dialog).to_be_visible()
    keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    heading(page, "Synkning")

    # As when the time has passed: the server knows the session no more.
    context.clear_cookies()
    heading(page, "Logga in")
    sign_in_at_provider(page, nils)
    heading(page, "Synkning")
    assert found == []


def _put_in_a_security_key(context: BrowserContext, page: Page) -> None:
    browser = context.new_cdp_session(page)
    browser.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    browser.send("WebAuthn.addVirtualAuthenticator", {"options": options})

"""What the journeys have in common, however the page is used."""

import io
import re
import time
from datetime import timedelta

import pikepdf
from django.utils.formats import date_format
from playwright.sync_api import Locator, Page, expect

from tests.browser.product import Product
from web import dates

PASSWORD = "prova-meddelanden"
WORKER_PATIENCE = 120  # seconds: a worker that was killed has a lease to wait for


def until(page: Page, sign: Locator, *, seconds: float = WORKER_PATIENCE) -> None:
    """Reload until a worker has done what the page is to show."""
    deadline = time.monotonic() + seconds
    while not sign.first.is_visible():
        assert time.monotonic() < deadline, f"{sign} never came: {page.inner_text('main')}"
        page.reload()


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def status(page: Page, text: str) -> None:
    expect(page.get_by_role("status")).to_contain_text(text)


def press(page: Page, button: str) -> None:
    """The answer has come. For where the page before and the page after look alike."""
    with page.expect_event("load"):
        page.get_by_role("button", name=button).click()


def open_person(page: Page, name: str, view: str = "alla") -> None:
    page.goto(f"/?vy={view}")
    page.get_by_role("main").get_by_role("link", name=name).first.click()
    expect(page.get_by_role("region", name="Personen")).to_contain_text(name)


def move_clock(page: Page, button: str) -> None:
    """As whoever is signed in on the page."""
    page.goto("/synkning/")
    press(page, button)
    heading(page, "Synkning")


def run_the_night(page: Page) -> None:
    press(page, "Kör nattens synkning nu")
    run_is_done(page)


def run_is_done(page: Page) -> None:
    """By the button that was just pressed or by beat, which may have come first."""
    until(page, page.get_by_role("heading", name=re.compile("ynkning(en)? är klar")))


def night_has_run(page: Page, product: Product, *, seconds: float = WORKER_PATIENCE) -> None:
    """The one that the clock stands in: until then the page tells of the night before."""
    day = date_format(product.now(), "l j F")
    until(page, page.get_by_text(f"Natten till {day}, klar kl."), seconds=seconds)


def assert_opens_as_one_page(page: Page, link: Locator) -> None:
    """What the link leads to is a PDF of one page. Fetched as the browser would."""
    response = page.request.get(link.get_attribute("href") or "")
    assert response.status == 200
    assert response.headers["content-type"] == "application/pdf"
    assert response.body().startswith(b"%PDF")
    assert len(pikepdf.open(io.BytesIO(response.body())).pages) == 1


def promise(product: Product) -> tuple[str, str]:
    """From which day what is saved now can be used, and on which its welcome is sent."""
    today = product.now().date()
    usable = today + timedelta(days=1)
    words = [dates.in_words(day, today=today) for day in (usable, dates.working_day_from(usable))]
    return words[0], words[1]


def switch_on(page: Page, name: str, *, mobile: str, email: str) -> None:
    """With SMS and e-mail, by a mouse."""
    open_person(page, name)
    page.get_by_role("main").get_by_role("link", name="Koppla på e-tjänsten").first.click()
    page.get_by_role("radio", name="Ja", exact=True).check()
    page.get_by_role("textbox", name="Telefon mobil").fill(mobile)
    page.get_by_role("checkbox", name="Notifiering via e-post").check()
    page.get_by_role("textbox", name="E-postadress").fill(email)
    page.get_by_role("radio", name="Nej", exact=True).check()
    page.get_by_role("button", name="Koppla på").click()
    status(page, f"E-tjänsten är påkopplad för {name}.")


def write_welcome(page: Page) -> None:
    """For the person who has just been switched on."""
    page.get_by_role("link", name="Skriv välkomstmeddelande").first.click()
    heading(page, "Skriv välkomstmeddelande")


def schedule_welcome(page: Page) -> None:
    page.get_by_role("button", name="Schemalägg välkomstmeddelandet").click()
    status(page, "Välkomstmeddelandet är schemalagt.")


def sent_to(page: Page, mobile: str, email: str) -> tuple[int, int]:
    """How many SMS and e-mails the outbox has for the person."""
    page.goto("/utkorg/")
    rows = page.get_by_role("main")
    sms = rows.get_by_role("link", name=f"Sms till {mobile}", exact=True)
    emails = rows.get_by_role("link", name=f"Mejl till {email}", exact=True)
    return sms.count(), emails.count()

"""One product and one browser for all journeys. Every page is watched while it is used."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.product import Product

PATIENCE = 20_000  # milliseconds: two databases share two cores
DESKTOP = {"width": 1366, "height": 768}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


# For the package only: while Playwright runs, Django believes to be in asynchronous code.
@pytest.fixture(scope="package")
def product(tmp_path_factory) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("product"))
    try:
        product.start()
        yield product
    finally:
        product.end()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium",
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        yield browser
        browser.close()


class Watch:
    """What must never happen on any page."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def over(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.seen.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._read(page, message.text))
        page.on("response", self._check)

    def _read(self, page: Page, text: str) -> None:
        if "Content Security Policy" in text or "Content-Security-Policy" in text:
            self.seen.append(f"{page.url}: {text}")

    def _check(self, response: Any) -> None:
        if response.status >= 500:
            self.seen.append(f"{response.status} at {response.url}")


@pytest.fixture
def new_context(browser, product) -> Iterator[Callable[..., BrowserContext]]:
    """A browser window for one person at a computer. What goes wrong in it fails the test."""
    watch, contexts = Watch(), []

    def new(**options: Any) -> BrowserContext:
        usual = {"base_url": product.url, "locale": "sv-SE", "viewport": DESKTOP}
        context = browser.new_context(**usual | {"color_scheme": "light"} | options)
        context.set_default_timeout(PATIENCE)
        context.on("page", watch.over)
        contexts.append(context)
        return context

    yield new
    for context in contexts:
        context.close()
    assert watch.seen == []


@pytest.fixture(scope="package")
def _sign_ins() -> dict[str, Any]:
    """The cookies of those who have signed in: sign-in is limited per minute, and slow."""
    return {}


@pytest.fixture
def signed_in(new_context, _sign_ins) -> Callable[..., Page]:
    """A page of somebody who has signed in: `signed_in("Karin Ek")`."""

    def sign_in(name: str, **options: Any) -> Page:
        context = new_context(storage_state=_sign_ins.get(name), **options)
        page = context.new_page()
        page.goto("/")
        if name not in _sign_ins:
            page.get_by_role("button", name=f"Logga in som {name}").click()
            # The name alone stands on the button too, before anything has happened.
            expect(page.get_by_text(f"Inloggad som {name}")).to_be_visible()
            _sign_ins[name] = context.storage_state()
        return page

    return sign_in

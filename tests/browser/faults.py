"""What axe finds, and what does not fit on the screen."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.product import ON_POSTGRESQL

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ALL_WINDOWS = {
    "light": {"viewport": {"width": 1366, "height": 768}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 360, "height": 780}, "color_scheme": "dark"},
}
# What is shown does not depend on the database: one window with each, together both.
WINDOW = ALL_WINDOWS["light" if ON_POSTGRESQL else "dark"]
NARROWEST = {"width": 320, "height": 780}


def faults(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    told = [f"{fault['id']}: {[node['target'] for node in fault['nodes']]}" for fault in found]
    # Django's own pages are not ours to lay out.
    return told if "/admin/" in page.url else told + _too_wide(page)


def _too_wide(page: Page) -> list[str]:
    usual = page.viewport_size
    wide = [w for w in (_overflow(page), _overflow_at(page, NARROWEST)) if w > 0]
    page.set_viewport_size(usual)
    return [f"{max(wide)} pixels too wide"] if wide else []


def _overflow_at(page: Page, size: dict[str, int]) -> int:
    page.set_viewport_size(size)
    return _overflow(page)


def _overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))

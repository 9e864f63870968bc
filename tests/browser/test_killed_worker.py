"""`kill -9` of the worker, in the middle of a welcome. What it had in hand arrives once."""

import time

import pytest
from playwright.sync_api import Page

from tests.browser.held import AFTER, BEFORE
from tests.browser.journey import (
    WORKER_PATIENCE,
    move_clock,
    night_has_run,
    open_person,
    schedule_welcome,
    sent_to,
    switch_on,
    until,
    write_welcome,
)
from tests.browser.product import Product


@pytest.fixture
def karin(signed_in, product) -> Page:
    """When the test is over, the worker is as it was."""
    yield signed_in("Karin Ek")
    if "worker" not in product.running:
        product.launch("worker")


def test_notices_that_were_being_sent_arrive_once_after_a_restart(karin, product):
    """Nobody can tell from inside whether one left: two had, and two had not."""
    _scheduled(karin, "Mats Testgren", "070-174 06 80", "mats@exempel.se")
    _scheduled(karin, "Gunnar Demosson", "070-174 06 81", "gunnar@exempel.se")
    move_clock(karin, "Gå till natten")
    night_has_run(karin, product)
    product.stop("worker")
    _launch_held_worker(
        product,
        before="+46701740680 gunnar@exempel.se",
        after="+46701740681 mats@exempel.se",
    )
    move_clock(karin, "Gå till nästa vardag")
    _wait_until_all_stand_still(product)

    product.kill("worker")
    product.launch("worker")

    for name in ("Mats Testgren", "Gunnar Demosson"):
        _arrives(karin, name)
    assert sent_to(karin, "+46701740680", "mats@exempel.se") == (1, 1)
    assert sent_to(karin, "+46701740681", "gunnar@exempel.se") == (1, 1)


# A run that was killed keeps the ledger for two minutes.
RUN_PATIENCE = 240


def test_a_welcome_that_is_due_arrives_once_whenever_the_worker_dies(karin, product):
    _scheduled(karin, "Khadija Övning", "070-174 06 82", "khadija@exempel.se")
    move_clock(karin, "Gå till natten")
    product.kill("worker")
    product.launch("worker")
    night_has_run(karin, product, seconds=RUN_PATIENCE)

    # Counted before it is due: the worker may be faster than the page that moves the clock.
    left = len(list(product.data.glob("outbox/*")))
    move_clock(karin, "Gå till nästa vardag")
    product.kill("worker")
    product.launch("worker")
    _wait_for_files(product, "outbox/*", more_than=left)
    product.kill("worker")
    product.launch("worker")

    _arrives(karin, "Khadija Övning")
    assert sent_to(karin, "+46701740682", "khadija@exempel.se") == (1, 1)


def _scheduled(page: Page, name: str, mobile: str, email: str) -> None:
    switch_on(page, name, mobile=mobile, email=email)
    write_welcome(page)
    schedule_welcome(page)


def _launch_held_worker(product: Product, *, before: str, after: str) -> None:
    """Four at a time, so that all four notices are in its hands at once."""
    command = product.commands["worker"]
    product.commands["worker"] = [*command, "--concurrency", "4"]
    product.launch(
        "worker",
        SMS_GATEWAY="tests.browser.held.Gateway",
        EMAIL_BACKEND="tests.browser.held.EmailBackend",
        **{BEFORE: before, AFTER: after},
    )
    product.commands["worker"] = command


def _wait_until_all_stand_still(product: Product) -> None:
    _wait_for_files(product, "*.held", more_than=3)


def _wait_for_files(product: Product, pattern: str, *, more_than: int) -> None:
    deadline = time.monotonic() + WORKER_PATIENCE
    while len(list(product.data.glob(pattern))) <= more_than:
        assert time.monotonic() < deadline, product.said()[-5000:]
        time.sleep(0.02)


def _arrives(page: Page, name: str) -> None:
    open_person(page, name)
    until(page, page.get_by_text("Sms levererat"))
    until(page, page.get_by_text("Mejl skickat"))

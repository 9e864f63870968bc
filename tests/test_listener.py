"""That the listener of tests/conftest.py hears. What it hears of fails the test that said it."""

import logging

import pytest
import structlog
from django.urls import reverse

from messaging.notices.tasks import deliver_due_notices
from tests.factories import published_number


@pytest.fixture
def heard(listener):
    yield listener.found
    listener.found.clear()


class TestListener:
    @pytest.mark.parametrize(
        "secret",
        [published_number(7), "19980108-2390", "+46701740605", "070-174 06 05",
         "amina@exempel.se", "Amina", "kanariaab"],
    )  # fmt: skip
    def test_hears_each_kind_of_personal_data(self, heard, secret):
        structlog.get_logger("persons").info(f"saw {secret}")

        assert len(heard) == 1

    def test_hears_what_production_would_write_and_nothing_else(self, heard):
        structlog.get_logger("persons").info("request", name="Amina")
        logging.getLogger("smtplib").warning("amina@exempel.se does not exist")
        structlog.get_logger("persons").info("nightly sync finished", done=14)

        assert heard == []

    def test_takes_no_random_id_for_a_number(self, heard, listener):
        listener.hear("address", "/personer/19981231-2380-4aaa-8bbb-199812312380/historik/")

        assert heard == []

    @pytest.mark.django_db
    def test_hears_addresses(self, heard, client):
        client.get(reverse("cookies"), {"q": "Amina"})

        assert heard == ["address: /om-kakor/?q=Amina"]

    def test_hears_the_queue(self, heard):
        deliver_due_notices.apply_async(headers={"about": "Amina"})

        assert heard[0].startswith("queue:")

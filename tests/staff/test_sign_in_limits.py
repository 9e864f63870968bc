"""Limits on attempts to sign in, counted in the cache that all processes share."""

import os
import subprocess
import sys
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.factories import UserFactory
from tools.paths import ROOT

pytestmark = pytest.mark.django_db

PASSWORD = "rätt-lösenord-123"
# Asks as the sign-in page does before it looks at the password.
ANOTHER_PROCESS = """
import sys, django
django.setup()
from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError
from django.test import RequestFactory
request = RequestFactory().post("/", REMOTE_ADDR="198.51.100.1")
try:
    get_adapter(request).pre_authenticate(request, email=sys.argv[1])
except ValidationError as error:
    print(error.code, end="")
"""


@pytest.fixture(autouse=True)
def _nobody_has_tried():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def karin():
    user = UserFactory(email=f"{uuid4()}@soderkoping.example")
    user.set_password(PASSWORD)
    user.save()
    return user


def attempt(email: str, password: str, *, source: str):
    return Client(REMOTE_ADDR=source).post(
        reverse("account_login"), {"login": email, "password": password}
    )


class TestAnAccount:
    def test_is_closed_for_a_while_whichever_client_tries(self, karin):
        for last in range(5):
            attempt(karin.email, "fel", source=f"192.0.2.{last}")

        response = attempt(karin.email, PASSWORD, source="198.51.100.1")

        assert "försökt för många gånger" in response.content.decode()

    def test_is_open_for_who_has_failed_less_often(self, karin):
        for last in range(4):
            attempt(karin.email, "fel", source=f"192.0.2.{last}")

        assert attempt(karin.email, PASSWORD, source="198.51.100.1").status_code == 302

    def test_is_closed_in_another_process_too(self, karin):
        for last in range(5):
            attempt(karin.email, "fel", source=f"192.0.2.{last}")
        done = subprocess.run(
            [sys.executable, "-c", ANOTHER_PROCESS, karin.email],
            cwd=ROOT, env=os.environ | {"ALLOWED_HOSTS": "testserver"}, capture_output=True,
            text=True, check=False,
        )  # fmt: skip

        assert done.stdout == "too_many_login_attempts"


class TestAnAddress:
    def test_is_told_to_wait_when_it_has_tried_many_accounts(self, karin):
        for _ in range(10):
            attempt(f"{uuid4()}@soderkoping.example", "fel", source="192.0.2.1")

        same = attempt(karin.email, PASSWORD, source="192.0.2.1")
        other = attempt(karin.email, PASSWORD, source="192.0.2.2")

        assert "försökt för många gånger" in same.content.decode()
        assert other.status_code == 302

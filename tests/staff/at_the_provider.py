"""Karin Ek at the municipality's identity provider, and how she signs in."""

from django.test import Client
from django.urls import reverse

from staff.models import User
from web import clock

KARIN = "karin-4711"  # the provider's own name for her
EMAIL = "karin.ek@soderkoping.example"
GROUP, OTHER_GROUP = "SOC-Vuxen-Handlaggare", "SOC-Stod-Kontaktperson"
SIGN_IN, SIGN_OUT = "/konto/logga-in/", "/konto/logga-ut/"


def knows(provider, **claims) -> None:
    everyday = {"email": EMAIL, "given_name": "Karin", "family_name": "Ek", "amr": ["pwd", "mfa"]}
    provider.knows(KARIN, **everyday | claims)


def question(client: Client, page: str = "") -> str:
    return client.post(reverse("oidc_sign_in"), {"next": page}).url


def sign_in(client: Client, provider, page: str = ""):
    return client.get(provider.answer(question(client, page), KARIN))


def roles(user: User) -> list[tuple[str, str]]:
    today = user.memberships.current(on=clock.today())
    return sorted((m.role, m.unit.name) for m in today)

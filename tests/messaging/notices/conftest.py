"""The providers that SMS gateways talk to in tests: each a server on this machine."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.messaging.notices.provider import Elks46, Twilio

ACCOUNT, TOKEN = "AC" + "0" * 32, "secret-token"


class TurnedTo(HTTPAdapter):
    """Twilio's own library knows only Twilio's own hosts."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def send(self, request, **kwargs):
        meant_for = urlsplit(request.url)
        request.headers["X-Meant-For"] = meant_for.netloc
        request.url = request.url.replace(f"https://{meant_for.netloc}", self.address)
        return super().send(request, **kwargs)


@pytest.fixture
def twilio_api(settings, monkeypatch) -> Iterator[Twilio]:
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
    settings.TWILIO_MESSAGING_SERVICE_SID, settings.TWILIO_REGION = "", "ie1"
    provider = Twilio()
    adapter = TurnedTo(provider.address)
    monkeypatch.setattr(requests.Session, "get_adapter", lambda session, url: adapter)
    with provider.running():
        yield provider
        adapter.close()


@pytest.fixture
def elks46_api(settings) -> Iterator[Elks46]:
    provider = Elks46()
    settings.ELKS46_URL = f"{provider.address}/a1"
    settings.ELKS46_USERNAME, settings.ELKS46_PASSWORD = "u", "p"
    with provider.running():
        yield provider

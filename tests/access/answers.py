"""What somebody gets back, as far as a stranger can compare it."""

import re
from typing import NamedTuple

from django.db import transaction
from django.test import Client

# The token is masked anew in each page, and the time until sign-out passes.
_ALWAYS_NEW = re.compile(rb'(csrfmiddlewaretoken" value="|data-seconds=")[^"]+')
_OF_THE_MOMENT = {"Set-Cookie", "Expires"}


class Answer(NamedTuple):
    status: int
    content: bytes
    headers: dict[str, str]


def ask(client: Client, method: str, address: str) -> Answer:
    """Ask, and leave no trace of it: not even a sign-out."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        response = getattr(client, method)(address)
        content = b"".join(response) if response.streaming else response.content
        transaction.set_rollback(True)
    client.cookies = cookies
    headers = {n: v for n, v in response.headers.items() if n not in _OF_THE_MOMENT}
    return Answer(response.status_code, _ALWAYS_NEW.sub(rb"\1", content), headers)

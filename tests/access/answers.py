"""What somebody gets back, as far as a stranger can compare it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import NamedTuple

from django.conf import settings
from django.contrib.sessions.backends.cached_db import SessionStore
from django.core.cache import cache
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
    with no_trace(client):
        response = getattr(client, method)(address)
        content = b"".join(response) if response.streaming else response.content
    headers = {n: v for n, v in response.headers.items() if n not in _OF_THE_MOMENT}
    return Answer(response.status_code, _ALWAYS_NEW.sub(rb"\1", content), headers)


@contextmanager
def no_trace(client: Client) -> Iterator[None]:
    """Whatever is done, also a sign-out, is undone: in the database, the cache and the cookies."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = cookies
    if session := cookies.get(settings.SESSION_COOKIE_NAME):
        cache.delete(SessionStore(session.value).cache_key)

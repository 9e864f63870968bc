"""One world for the whole package: each test leaves it as it found it."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from tests.access.world import World


@pytest.fixture(scope="package")
def shared_world(django_db_setup, django_db_blocker) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture
def world(shared_world, db, settings) -> World:
    """A savepoint of its own for each test, inside the transaction that holds the world."""
    # Nothing that is asked is kept, so to the product nobody has done anything since they signed
    # in, and asking in every single case takes longer than an idle session lasts.
    settings.SESSION_IDLE_SECONDS = settings.SESSION_COOKIE_AGE
    return shared_world

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
def world(shared_world, db) -> World:
    """A savepoint of its own for each test, inside the transaction that holds the world."""
    return shared_world

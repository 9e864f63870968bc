import pytest

from staff.models import Role
from tests.factories import UnitFactory, UserFactory


@pytest.fixture
def unit():
    return UnitFactory(name="Vuxenenheten")


@pytest.fixture
def mona(unit):
    return UserFactory(role=Role.SYSTEM_ADMIN, unit=unit)


@pytest.fixture
def sara(unit):
    return UserFactory(email="sara@soderkoping.example", role=Role.CASE_WORKER, unit=unit)


@pytest.fixture(autouse=True)
def nobody_but_the_test_works(monkeypatch):
    """The queue: what a worker would have been told."""
    told = []
    monkeypatch.setattr(
        "onboarding.imports.tasks.continue_import.delay", lambda **kwargs: told.append(kwargs)
    )
    return told

import pytest
from django.core.cache import cache

from staff.models import GroupMapping, Role
from tests.factories import UnitFactory
from tests.staff.at_the_provider import GROUP, knows


@pytest.fixture
def provider(identity_provider, settings):
    settings.OIDC_ISSUER = identity_provider.url
    settings.OIDC_CLIENT_ID = "koppla"
    settings.OIDC_CLIENT_SECRET = "only for tests"
    cache.clear()
    knows(identity_provider, groups=[GROUP])
    yield identity_provider
    identity_provider.behaves()
    cache.clear()


@pytest.fixture
def unit():
    return UnitFactory(name="Vuxenenheten")


@pytest.fixture
def mapping(unit):
    return GroupMapping.objects.create(group=GROUP, role=Role.CASE_WORKER, unit=unit)

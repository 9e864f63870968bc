import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.models import Session

from staff import tasks
from staff.models import ProviderSession
from tests.factories import UserFactory
from web import clock

pytestmark = pytest.mark.django_db


def test_sessions_that_have_ended_go_with_what_the_provider_gave_for_them(client):
    karin, now = UserFactory(), clock.machine_now()
    with time_machine.travel("2026-11-01"):
        client.force_login(karin)
    ProviderSession.objects.create(
        session=Session.objects.get(),
        account=SocialAccount.objects.create(user=karin, uid="karin"),
        asked_at=now,
        answered_at=now,
    )
    client.force_login(karin)
    kept = client.session.session_key

    tasks.clear_sessions()

    assert Session.objects.get().pk == kept
    assert not ProviderSession.objects.exists()

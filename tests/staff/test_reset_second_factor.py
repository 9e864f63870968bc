from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command

from staff import second_factor
from staff.models import Role
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


class TestResetSecondFactor:
    def test_lets_a_sole_administrator_begin_anew_and_ends_the_sessions(self, client):
        anna = UserFactory(role=Role.SYSTEM_ADMIN)
        client.force_login(anna)
        Authenticator.objects.create(user=anna, type=Authenticator.Type.TOTP, data={})

        call_command("reset_second_factor", anna.email.upper(), stdout=StringIO())

        assert not second_factor.is_set_up(anna)
        assert client.get("/").status_code == 302
        entry = LogEntry.objects.get()
        assert (entry.user, entry.object_id) == (anna, str(anna.pk))
        assert "från servern" in entry.change_message

    def test_changes_nobody_when_the_address_is_unknown(self):
        with pytest.raises(CommandError, match="ingen medarbetare"):
            call_command("reset_second_factor", "ingen@exempel.se")

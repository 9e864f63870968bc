import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from messaging.municipality import actions
from messaging.municipality.models import SettingsChange
from persons.models import NotAllowed
from staff.models import Municipality, Role
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona():
    return UserFactory(role=Role.SYSTEM_ADMIN)


class TestChangeSettings:
    def test_writes_down_old_and_new_and_who(self, mona):
        edited = Municipality.load()
        edited.name, edited.reply_days, edited.logo = "Söderköpings kommun", 5, b"PNG"

        actions.change_settings(municipality=edited, by=mona)

        change = SettingsChange.objects.get()
        assert change.by == mona
        assert change.changes == {
            "name": ["Kommunen", "Söderköpings kommun"],
            "reply_days": [3, 5],
            "logo": ["", "bild, 3 byte"],
        }
        assert Municipality.load().version == 2

    def test_writes_nothing_when_nothing_changed(self, mona):
        actions.change_settings(municipality=Municipality.load(), by=mona)

        assert not SettingsChange.objects.exists()

    def test_overwrites_nobody_elses_change(self, mona):
        first, second = Municipality.load(), Municipality.load()
        actions.change_settings(municipality=first, by=mona)

        with pytest.raises(NotAllowed):
            actions.change_settings(municipality=second, by=mona)

    def test_is_for_administrators(self):
        with pytest.raises(PermissionDenied):
            actions.change_settings(municipality=Municipality.load(), by=UserFactory())


class TestSettingsChangeAdmin:
    def test_shows_what_was_there_before(self, client, mona):
        edited = Municipality.load()
        edited.name = "<b>Ny</b>"
        actions.change_settings(municipality=edited, by=mona)
        SettingsChange.objects.create(by=mona, changes={"fax": ["1", "2"]})
        client.force_login(mona)

        change = SettingsChange.objects.earliest("pk")
        page = client.get(reverse("admin:municipality_settingschange_change", args=[change.pk]))
        listed = client.get(reverse("admin:municipality_settingschange_changelist"))

        words = page.content.decode()
        assert "kommunens namn: ”Kommunen” → ”&lt;b&gt;Ny&lt;/b&gt;”" in words
        assert "fax" in listed.content.decode()

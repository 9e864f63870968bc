from datetime import timedelta

import pytest
from django.urls import reverse

from staff.models import Absence, Role, User
from tests.factories import AbsenceFactory, UnitFactory, UserFactory
from tests.pages import Page, follow, open_page
from web import clock

pytestmark = pytest.mark.django_db

SETTINGS = "/installningar/mina/"
ABSENCES = "/installningar/franvaro/"


@pytest.fixture
def unit():
    return UnitFactory(name="Stödteamet")


@pytest.fixture
def karin(client, unit):
    user = UserFactory(role=Role.SUPPORT_CONTACT, unit=unit)
    client.force_login(user)
    return user


@pytest.fixture
def erik(unit):
    return UserFactory(role=Role.SUPPORT_CONTACT, unit=unit, first_name="Erik", last_name="Lind")


class TestMySettings:
    def test_say_which_roles_one_has(self, client, karin):
        page = open_page(client, open_page(client, reverse("start")).link("Mina inställningar"))

        assert "Kontaktperson, Stödteamet" in page.words

    def test_save_the_telephone_and_the_shortcuts(self, client, karin):
        form = open_page(client, SETTINGS).form("Spara")

        page = follow(client, form.send(client, phone="070-174 06 90", keyboard_shortcuts="on"))

        assert "Inställningarna är sparade." in page.status
        karin.refresh_from_db()
        assert (karin.phone, karin.keyboard_shortcuts) == ("070-174 06 90", True)

    @pytest.mark.parametrize("on", [True, False])
    def test_tell_the_page_whether_the_shortcuts_are_on(self, client, karin, on):
        User.objects.update(keyboard_shortcuts=on)

        assert ("data-shortcuts" in open_page(client, SETTINGS).one("body").attrib) == on

    def test_keep_what_was_typed_wrong(self, client, karin):
        page = Page(open_page(client, SETTINGS).form("Spara").send(client, phone="0" * 31))

        assert list(page.errors().values()) == ["Telefonnumret får vara högst 30 tecken."]
        assert page.form("Spara").value("phone") == "0" * 31
        karin.refresh_from_db()
        assert karin.phone == ""

    @pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.LOG_REVIEWER, ""])
    def test_do_not_speak_of_absence_to_who_has_no_work_to_give(self, client, role):
        client.force_login(UserFactory(role=role))

        assert "Frånvaro" not in open_page(client, SETTINGS).words
        assert client.get(ABSENCES).status_code == 404


class TestAbsences:
    def save(self, client, user, colleague, **typed):
        days = {
            "first": clock.today().isoformat(),
            "last": (clock.today() + timedelta(days=4)).isoformat(),
        }
        form = open_page(client, ABSENCES).form("Spara frånvaron")
        chosen = {"user": str(user.pk), "substitute": str(colleague.pk)}
        return form.send(client, **chosen | days | typed)

    def test_are_saved_and_shown(self, client, karin, erik):
        page = follow(client, self.save(client, karin, erik))

        assert "Frånvaron är sparad." in page.status
        assert "Erik Lind" in page.words
        assert Absence.objects.get().substitute == erik

    def test_begin_with_oneself(self, client, karin, erik):
        assert open_page(client, ABSENCES).form("Spara frånvaron").value("user") == str(karin.pk)

    def test_are_registered_by_the_manager_for_who_is_ill(self, client, unit, karin, erik):
        client.force_login(UserFactory(role=Role.UNIT_MANAGER, unit=unit))

        self.save(client, karin, erik)

        assert Absence.objects.get().user == karin

    @pytest.mark.parametrize(
        ("typed", "text"),
        [
            ({"substitute": ""}, "Välj vem som tar över medan du är borta."),
            ({"first": "2020-01-01"}, "Frånvaron kan börja tidigast i dag."),
            ({"last": "2020-01-01"}, "Sista dagen kan inte vara före den första."),
            ({"last": "2099-01-01"}, "Frånvaron kan vara högst ett år. Skriv en tidigare dag."),
        ],
    )
    def test_say_what_is_wrong_and_save_nothing(self, client, karin, erik, typed, text):
        page = Page(self.save(client, karin, erik, **typed))

        [(target, said)] = page.errors().items()
        assert said == page.error_at(target) == text
        assert not Absence.objects.exists()

    def test_are_not_of_oneself_by_oneself(self, client, karin, erik):
        page = Page(self.save(client, karin, karin))

        assert "Välj någon annan än den som är borta." in page.errors().values()

    def test_say_when_they_overlap(self, client, karin, erik):
        AbsenceFactory(user=karin, substitute=UserFactory(role=Role.SUPPORT_CONTACT))

        page = Page(self.save(client, karin, erik))

        assert "krockar" in " ".join(page.errors().values())
        assert Absence.objects.count() == 1

    def test_of_somebody_elsewhere_cannot_be_registered(self, client, karin, erik):
        page = Page(self.save(client, erik, karin))

        assert list(page.errors().values()) == ["Välj vem som är borta."]

    def test_can_be_ended_early_and_twice_is_once(self, client, karin, erik):
        AbsenceFactory(user=karin, substitute=erik)
        form = open_page(client, ABSENCES).form("Avsluta")

        for _press in "12":
            page = follow(client, form.send(client))

        assert "Frånvaron är avslutad." in page.status
        assert Absence.objects.get().ended_by == karin

    def test_of_others_are_not_there(self, client, karin, erik):
        absence = AbsenceFactory(user=erik, substitute=karin)

        assert client.post(f"{ABSENCES}{absence.pk}/avsluta/").status_code == 404
        assert "Avsluta" not in open_page(client, ABSENCES).words

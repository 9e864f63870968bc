from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from staff import permissions
from staff.models import Unit, User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

RIGHT = ("Anna@kommunen.example", "Anna", "Ny", "Systemförvaltningen")


@pytest.fixture
def add(monkeypatch):
    def run(typed=RIGHT, password="ett långt lösenord"):
        answers = iter(typed)
        monkeypatch.setattr("builtins.input", lambda _: next(answers))
        monkeypatch.setattr(
            "staff.management.commands.add_administrator.getpass", lambda _: password
        )
        call_command("add_administrator", stdout=StringIO())

    return run


class TestAddAdministrator:
    def test_makes_somebody_who_may_administer(self, add):
        add()

        anna = User.objects.get(email="anna@kommunen.example")
        assert permissions.may_administer(anna)
        assert anna.check_password("ett långt lösenord")
        assert str(anna) == "Anna Ny"

    def test_uses_a_unit_that_there_is(self, add):
        unit = Unit.objects.create(name="Systemförvaltningen", kind=Unit.Kind.SUPPORT_TEAM)

        add()

        assert User.objects.get().memberships.get().unit == unit

    def test_changes_nobody_who_is_there(self, add):
        UserFactory(email="anna@kommunen.example")

        with pytest.raises(CommandError, match="finns redan"):
            add()

    @pytest.mark.parametrize(
        ("typed", "password"),
        [
            (("anna", *RIGHT[1:]), "ett långt lösenord"),
            ((RIGHT[0], "", *RIGHT[2:]), "ett långt lösenord"),
            ((*RIGHT[:3], " "), "ett långt lösenord"),
            (RIGHT, "kort"),
            (RIGHT, "12345678901"),
        ],
    )
    def test_adds_nobody_when_something_is_wrong(self, add, typed, password):
        with pytest.raises(CommandError):
            add(typed, password)

        assert not User.objects.exists()
        assert not Unit.objects.exists()

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from persons import actions
from persons.actions import Incomplete, Outdated, PersonDetails
from persons.models import EServiceAccount, NotAllowed, PersonEvent
from staff.models import Role
from tests.factories import CaseFactory, PersonFactory, UserFactory
from web import clock

pytestmark = pytest.mark.django_db

NEW = {"mobile": "070-174 06 99", "mobile_e164": "+46701740699"}


@pytest.fixture
def karin():
    return UserFactory(role=Role.SUPPORT_CONTACT)


def account_of(karin, **facts) -> EServiceAccount:
    person = PersonFactory(**facts)
    CaseFactory(person=person, support_contact=karin)
    return EServiceAccount.objects.select_related("person").get(person=person)


def change(account, by, seen_version=None, **typed):
    names = PersonDetails.__dataclass_fields__
    known = PersonDetails(**{name: getattr(account.person, name) for name in names})
    seen = account.version if seen_version is None else seen_version
    details = replace(known, **typed)
    actions.change_details(account=account, details=details, seen_version=seen, by=by)


class TestChangeDetails:
    def test_notes_old_and_new_and_when_the_number_was_confirmed(self, karin):
        account = account_of(karin, mobile="", mobile_e164="", email="")

        change(account, karin, **NEW, given_name="Amira", language="ar")

        account.person.refresh_from_db()
        assert account.person.mobile_confirmed_on == clock.today()
        assert account.person.sort_key == "exempel\x01amira"
        event = PersonEvent.objects.get()
        assert event.kind == "details_changed"
        assert event.changes["given_name"] == ["Amina", "Amira"]
        assert event.changes["mobile"] == ["", "070-174 06 99"]
        assert account.state == "off"

    def test_tells_the_other_side_of_a_new_number_and_stays_usable(self, karin):
        account = account_of(karin, account__active=True)

        change(account, karin, **NEW)

        assert (account.state, account.is_usable) == ("pending_change", True)
        assert EServiceAccount.objects.dirty().get() == account

    def test_of_a_name_leaves_the_service_as_it_is(self, karin):
        account = account_of(karin, account__active=True)

        change(account, karin, family_name="Ny")

        assert account.state == "active"

    def test_keeps_something_to_send_to_while_a_channel_is_on(self, karin):
        account = account_of(karin, account__active=True)

        with pytest.raises(Incomplete):
            change(account, karin, mobile="", mobile_e164="")

        assert not PersonEvent.objects.exists()

    def test_twice_is_once(self, karin):
        account = account_of(karin)
        change(account, karin, **NEW)

        change(account, karin, seen_version=0, **NEW)

        assert PersonEvent.objects.count() == 1

    def test_from_an_outdated_form_changes_nothing(self, karin):
        account = account_of(karin)
        change(account, karin, **NEW)

        with pytest.raises(Outdated):
            change(account, karin, seen_version=0, given_name="Gammal")

    def test_is_refused_for_protected_persons_and_strangers(self, karin):
        with pytest.raises(NotAllowed):
            change(account_of(karin, protected=True), karin, given_name="Ny")
        with pytest.raises(PermissionDenied):
            change(account_of(karin), UserFactory(role=Role.SUPPORT_CONTACT), given_name="Ny")


class TestConfirmMobile:
    def test_notes_the_day(self, karin):
        person = account_of(karin, mobile_confirmed_on=date(2025, 1, 1)).person

        for _time in range(2):
            actions.confirm_mobile(person=person, number=person.mobile_e164, by=karin)
            person.refresh_from_db()

        assert person.mobile_confirmed_on == clock.today()
        assert PersonEvent.objects.get().kind == "number_confirmed"

    def test_of_another_number_than_was_read_out_is_refused(self, karin):
        person = account_of(karin).person

        for number in ("+46701740688", ""):
            with pytest.raises(NotAllowed):
                actions.confirm_mobile(person=person, number=number, by=karin)

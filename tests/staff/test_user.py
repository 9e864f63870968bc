from datetime import date

import pytest
import time_machine
from django.db import IntegrityError, transaction

from staff.models import Membership, Role, User
from tests.factories import MembershipFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel("2026-11-23T09:00Z", tick=False):
        yield


class TestUser:
    def test_is_found_whatever_capitals_the_address_was_given_in(self):
        User.objects.create_user("Karin.Ek@Soderkoping.Example")

        assert User.objects.get().email == "karin.ek@soderkoping.example"

    def test_cannot_sign_in_before_a_password_is_set(self):
        assert not User.objects.create_user("karin@soderkoping.example").has_usable_password()

    def test_is_signed_with_the_name_and_never_with_the_address(self):
        assert str(UserFactory(first_name="Karin", last_name="Ek")) == "Karin Ek"
        nameless = UserFactory(first_name="", last_name="")
        assert str(nameless) == f"User {nameless.pk}"

    def test_may_nothing_without_a_membership(self):
        user = UserFactory(is_staff=True, is_superuser=True)

        assert not any(user.has_role(role) for role in Role)
        assert (user.managed_units(), user.role_in_words()) == ([], "")

    def test_has_the_roles_of_today_in_the_order_they_began(self):
        user = UserFactory()
        MembershipFactory(user=user, role=Role.UNIT_MANAGER, valid_from=date(2026, 11, 1))
        MembershipFactory(user=user, role=Role.SUPPORT_CONTACT, valid_from=date(2026, 1, 1))

        assert user.has_role(Role.UNIT_MANAGER)
        assert user.has_role(Role.LOG_REVIEWER, Role.SUPPORT_CONTACT)
        assert not user.has_role(Role.LOG_REVIEWER)
        assert user.role_in_words() == "Kontaktperson"

    def test_manages_only_the_units_where_that_is_the_role(self):
        managed, other = UnitFactory(), UnitFactory()
        user = UserFactory(role=Role.UNIT_MANAGER, unit=managed)
        MembershipFactory(user=user, unit=other, role=Role.CASE_WORKER)

        assert user.managed_units() == [managed.pk]

    def test_asks_the_database_once_for_its_roles(self, django_assert_num_queries):
        user = UserFactory(role=Role.CASE_WORKER)

        with django_assert_num_queries(1):
            user.has_role(Role.CASE_WORKER)
            user.managed_units()
            str(user.current_memberships[0].unit)


class TestMembership:
    @pytest.mark.parametrize(
        ("first", "last", "is_current"),
        [
            (date(2026, 11, 23), None, True),
            (date(2026, 11, 24), None, False),
            (date(2026, 1, 1), date(2026, 11, 23), True),
            (date(2026, 1, 1), date(2026, 11, 22), False),
        ],
    )
    def test_is_current_the_same_for_a_row_and_for_a_query(self, first, last, is_current):
        row = MembershipFactory(
            user=UserFactory(), role=Role.CASE_WORKER, valid_from=first, valid_until=last
        )

        assert row.is_current(on=TODAY) == is_current
        assert Membership.objects.current(on=TODAY).exists() == is_current

    def test_does_not_end_before_it_starts(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            MembershipFactory(
                user=UserFactory(),
                role=Role.CASE_WORKER,
                valid_from=TODAY,
                valid_until=date(2026, 11, 22),
            )

    def test_is_not_given_twice(self):
        first = MembershipFactory(user=UserFactory(), role=Role.CASE_WORKER, valid_from=TODAY)

        with pytest.raises(IntegrityError), transaction.atomic():
            MembershipFactory(user=first.user, unit=first.unit, role=first.role, valid_from=TODAY)

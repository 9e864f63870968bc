import pytest
from django.contrib.auth.models import AnonymousUser

from staff import permissions
from staff.models import Role
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

NOBODY = [None, AnonymousUser()]


class TestMayAdminister:
    @pytest.mark.parametrize("role", [*Role, ""])
    def test_is_for_system_administrators_alone(self, role):
        user = UserFactory(role=role, is_superuser=True, is_staff=True)

        assert permissions.may_administer(user) == (role == Role.SYSTEM_ADMIN)

    def test_ends_with_the_membership(self):
        user = UserFactory()
        MembershipFactory(user=user, role=Role.SYSTEM_ADMIN, valid_until="2020-12-31")

        assert not permissions.may_administer(user)

    def test_ends_when_the_user_is_made_inactive(self):
        assert not permissions.may_administer(UserFactory(role=Role.SYSTEM_ADMIN, is_active=False))

    @pytest.mark.parametrize("user", NOBODY)
    def test_is_not_for_whoever_is_not_signed_in(self, user):
        assert not permissions.may_administer(user)


class TestWorksHere:
    @pytest.mark.parametrize("role", Role)
    def test_is_whoever_has_a_role_today(self, role):
        assert permissions.works_here(UserFactory(role=role))

    def test_is_not_who_has_none(self):
        assert not permissions.works_here(UserFactory(is_superuser=True))

    def test_is_not_who_has_been_made_inactive(self):
        assert not permissions.works_here(UserFactory(role=Role.CASE_WORKER, is_active=False))

    @pytest.mark.parametrize("user", NOBODY)
    def test_is_not_whoever_is_not_signed_in(self, user):
        assert not permissions.works_here(user)


class TestRoleBackend:
    @pytest.mark.parametrize("role", [*Role, ""])
    def test_gives_djangos_permissions_to_administrators_alone(self, role):
        user = UserFactory(role=role)

        may = role == Role.SYSTEM_ADMIN
        assert user.has_perm("staff.change_unit") == may
        assert user.has_module_perms("staff") == may

    def test_signs_nobody_in(self, rf):
        backend = permissions.RoleBackend()

        assert backend.authenticate(rf.get("/"), username="karin", password="x") is None

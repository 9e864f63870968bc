from collections.abc import Iterable
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from staff.models import Membership, Role, Unit, User
from web import clock


def works_here(user: AbstractBaseUser | AnonymousUser | None) -> bool:
    """Has some role today: enough for what concerns everybody and names nobody."""
    return isinstance(user, User) and user.is_active and bool(user.current_memberships)


def may_administer(user: AbstractBaseUser | AnonymousUser | None) -> bool:
    """Run the night by hand, change what names the municipality, and open the admin."""
    return isinstance(user, User) and user.is_active and user.has_role(Role.SYSTEM_ADMIN)


def holders(role: Role, *, units: Iterable[Unit] | None = None) -> QuerySet[User]:
    """Who may be given work in this role today, in these units or in any."""
    held = Membership.objects.current(on=clock.today()).filter(role=role)
    if units is not None:
        held = held.filter(unit__in=units)
    found = User.objects.filter(is_active=True, memberships__in=held).distinct()
    return found.order_by("first_name", "last_name", "pk")


class RoleBackend(BaseBackend):
    """Answers Django's permission questions from roles. It signs nobody in."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return may_administer(user_obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return may_administer(user_obj)

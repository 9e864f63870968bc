from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from messaging.wording.states import VersionState
from messaging.wording.versions import Version
from staff.models import Role, User


def may_write_texts(user: AbstractBaseUser | AnonymousUser | None) -> bool:
    """Write and approve what the municipality says to everybody."""
    roles = (Role.TEMPLATE_EDITOR, Role.SYSTEM_ADMIN)
    return isinstance(user, User) and user.is_active and user.has_role(*roles)


def may_publish(user: User, version: Version) -> bool:
    """Two pairs of eyes: never one who has written in it."""
    return (
        may_write_texts(user)
        and version.state == VersionState.WAITING
        and not version.writers.filter(pk=user.pk).exists()
    )

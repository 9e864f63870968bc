from collections.abc import Iterable
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F

from staff import permissions
from staff.models import GroupMapping, User
from web import clock


@transaction.atomic
def reset_second_factor(*, user: User, by: User) -> None:
    """For whoever has lost the telephone and the codes: a new one is set up at the next sign-in."""
    if not permissions.may_administer(by):
        raise PermissionDenied
    forget_second_factor(user=user)


@transaction.atomic
def forget_second_factor(*, user: User) -> None:
    """Without asking who does it: for the command, which whoever runs the server gives."""
    Authenticator.objects.filter(user=user).delete()
    end_sessions(user=user)


@transaction.atomic
def follow_groups(*, user: User, groups: Iterable[str]) -> None:
    """Give the roles of the provider's groups, and end those that groups gave before.

    The provider decides, so there is no `by`. What an administrator has given is left alone.
    """
    User.objects.select_for_update().get(pk=user.pk)  # two sign-ins at once
    today = clock.today()
    wanted = {(m.group, m.role, m.unit_id) for m in GroupMapping.objects.of(groups)}
    for membership in user.memberships.current(on=today).exclude(from_group=""):
        held = (membership.from_group, membership.role, membership.unit_id)
        if held not in wanted:
            membership.valid_until = today - timedelta(days=1)
            membership.save(update_fields=["valid_until"])
        wanted.discard(held)
    for group, role, unit_id in wanted:
        user.memberships.update_or_create(
            from_group=group, role=role, unit_id=unit_id, valid_from=today,
            defaults={"valid_until": None},
        )  # fmt: skip


def use_permission_to_link(*, user: User) -> bool:
    """Whether an administrator has allowed it; once."""
    return bool(User.objects.filter(pk=user.pk, may_be_linked=True).update(may_be_linked=False))


def end_sessions(*, user: User) -> None:
    """Everywhere, at the next request."""
    User.objects.filter(pk=user.pk).update(session_version=F("session_version") + 1)

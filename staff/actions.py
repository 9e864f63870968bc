from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F

from staff import permissions
from staff.models import User


@transaction.atomic
def reset_second_factor(*, user: User, by: User) -> None:
    """For whoever has lost the telephone and the codes: a new one is set up at the next sign-in."""
    if not permissions.may_administer(by):
        raise PermissionDenied
    Authenticator.objects.filter(user=user).delete()
    end_sessions(user=user)


def end_sessions(*, user: User) -> None:
    """Everywhere, at the next request."""
    User.objects.filter(pk=user.pk).update(session_version=F("session_version") + 1)

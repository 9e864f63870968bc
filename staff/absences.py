"""Who is away, and who does the work meanwhile: what gives a substitute the right."""

from datetime import date, datetime
from typing import cast

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from staff.models import Absence, Membership, Role, User
from web import dates

log = structlog.get_logger(__name__)

# The roles whose work somebody else can do meanwhile.
WORK = (Role.CASE_WORKER, Role.SUPPORT_CONTACT)


class Impossible(Exception):
    """Says in Swedish what stands in the way."""


def workers(user: User, *, on: date) -> QuerySet[User]:
    """Whose absence the user may register: one's own, and that of the units one manages."""
    held = Membership.objects.current(on=on).filter(role__in=WORK)
    theirs = held.filter(Q(user=user) | Q(unit__in=user.managed_units()))
    return by_name(User.objects.filter(memberships__in=theirs))


def substitutes(user: User, *, on: date) -> QuerySet[User]:
    """Colleagues with a role that the user works in: only that work can they take over."""
    roles = [role for role in WORK if user.has_role(role)]
    held = Membership.objects.current(on=on).filter(role__in=roles)
    return by_name(User.objects.filter(memberships__in=held).exclude(pk=user.pk))


def by_name(users: QuerySet[User]) -> QuerySet[User]:
    active = users.filter(is_active=True).distinct()
    return active.order_by("last_name", "first_name", "pk")


@transaction.atomic
def register(
    *, user: User, substitute: User, first: date, last: date, by: User, today: date
) -> Absence:
    """Raises Impossible. The same once more is the same absence."""
    if user not in workers(by, on=today):
        raise PermissionDenied
    if substitute not in substitutes(user, on=today):
        raise Impossible(_("Välj någon som har samma roll."))
    # Both, in one order: so that of two at once the other sees the first.
    list(User.objects.select_for_update().filter(pk__in={user.pk, substitute.pk}).order_by("pk"))
    days = {"valid_from": first, "valid_until": last}
    if same := user.absences.standing().filter(substitute=substitute, **days).first():
        return cast("Absence", same)
    if other := user.absences.overlapping(first, last).order_by("valid_from").first():
        raise Impossible(
            _("Frånvaron krockar med en som redan finns, %(from)s till %(until)s.")
            % {
                "from": dates.in_words(other.valid_from, today=today),
                "until": dates.in_words(other.valid_until, today=today),
            }
        )
    if substitute.absences.overlapping(first, last).exists():
        raise Impossible(_("Den du valde är själv borta då. Välj någon annan."))
    absence = Absence.objects.create(user=user, substitute=substitute, registered_by=by, **days)
    log.info("absence registered", absence=absence.pk, user=by.pk)
    return absence


@transaction.atomic
def end(*, absence: Absence, by: User, now: datetime, today: date) -> bool:
    """From now on the substitute has no part in it. False: it was ended already."""
    if absence.user not in workers(by, on=today):
        raise PermissionDenied
    standing = Absence.objects.standing().filter(pk=absence.pk)
    if not standing.update(ended_at=now, ended_by=by):
        return False
    log.info("absence ended", absence=absence.pk, user=by.pk)
    return True

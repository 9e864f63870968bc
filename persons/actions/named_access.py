"""Who, by name, may see a person with protected data. The unit manager names, and ends."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from persons import permissions
from persons.models import Case, NamedAccess, NotAllowed, Person, PersonEvent
from persons.models.case import ASSIGNED
from staff.models import User
from web import clock


@transaction.atomic
def name(
    *, person: Person, user: User, reason: str, valid_until: date | None, by: User
) -> NamedAccess:
    """Let a colleague see the person from today, as far as a part in the case reaches.

    Naming somebody who is named already changes nothing.
    """
    _require_manager(by, person)
    # The row of the person is the lock: two clicks at the same second name once.
    locked = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not locked.is_protected:
        raise NotAllowed(f"{person} is not protected")
    today = clock.today()
    standing = NamedAccess.objects.current(on=today).filter(person=person, user=user)
    there: NamedAccess | None = standing.first()
    if there:
        return there
    named = NamedAccess.objects.create(
        person=person,
        user=user,
        reason=reason,
        valid_from=today,
        valid_until=valid_until,
        granted_by=by,
    )
    changes = {"user": [None, user.pk], "reason": [None, reason]}
    PersonEvent.objects.create(person=person, by=by, kind="access_named", changes=changes)
    return named


@transaction.atomic
def name_workers(*, person: Person, by: User) -> list[User]:
    """Name those who have the person's open cases. Returns whom."""
    _require_manager(by, person)
    workers = workers_of(person)
    for worker in workers:
        name(
            person=person,
            user=worker,
            reason=_("Arbetar med ärendet"),
            valid_until=None,
            by=by,
        )
    return workers


def workers_of(person: Person) -> list[User]:
    """Those who have a part in the open cases today, in their own name."""
    rows = Case.objects.open().filter(person=person).values_list(*ASSIGNED)
    assigned = {worker for row in rows for worker in row if worker}
    users = User.objects.filter(pk__in=assigned, is_active=True)
    return list(users.order_by("first_name", "last_name", "pk"))


@transaction.atomic
def end(*, named: NamedAccess, by: User) -> None:
    """At once. Ending twice is one end."""
    _require_manager(by, named.person)
    standing = NamedAccess.objects.filter(pk=named.pk, ended_at=None)
    if standing.update(ended_at=clock.now(), ended_by=by):
        changes = {"user": [named.user_id, None]}
        PersonEvent.objects.create(person=named.person, by=by, kind="access_ended", changes=changes)


def _require_manager(by: User, person: Person) -> None:
    if not permissions.answers_for(by, person):
        raise PermissionDenied

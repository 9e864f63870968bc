"""Every look at a person is written down before it is answered, or it is not answered."""

from collections.abc import Iterable

from persons.models import AccessLogEntry, Person
from staff.http import UserRequest

Action = AccessLogEntry.Action


def record(request: UserRequest, action: Action, person: Person, *, reason: str = "") -> None:
    _write(request, action, person=person, reason=reason)


def record_list(request: UserRequest, persons: Iterable[Person]) -> None:
    """One row for one look, with the ids of all who were shown."""
    _write(request, Action.LIST, listed=[person.pk for person in persons])


def _write(request: UserRequest, action: Action, **about: object) -> None:
    memberships = request.user.current_memberships
    AccessLogEntry.objects.create(
        user=request.user,
        role=memberships[0].role if memberships else "",
        unit_id=memberships[0].unit_id if memberships else None,
        action=action,
        view=request.resolver_match.view_name if request.resolver_match else "",
        source_ip=request.META.get("REMOTE_ADDR") or None,
        **about,
    )

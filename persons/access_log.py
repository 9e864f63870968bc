"""Every look at a person is written down before it is answered, or it is not answered."""

from collections.abc import Iterable, Sequence

import structlog
from django.db import DatabaseError, transaction

from persons import permissions
from persons.models import AccessLogEntry, AccessLogListed, Case, Person
from staff.http import UserRequest
from staff.models import Membership, User

log = structlog.get_logger(__name__)

Action = AccessLogEntry.Action
Basis = AccessLogEntry.Basis


class NotWritten(Exception):
    """The log takes nothing now, so nothing is shown."""


def record(request: UserRequest, action: Action, case: Case, *, reason: str = "") -> Basis:
    """Returns what gave the right."""
    basis, membership = permissions.basis_of(request.user, case)
    _write(request, action, membership, basis=basis, person_id=case.person_id, reason=reason)
    return basis


def record_outside(request: UserRequest, action: Action, person: Person) -> None:
    """A look that no case gives the right to: an administrator's, at what names nobody."""
    _write(request, action, _first(request), person=person)


def record_list(
    request: UserRequest, persons: Iterable[Person], action: Action = Action.LIST
) -> None:
    """One row for one look, with the ids of all who were shown."""
    _write(request, action, _first(request), listed=[person.pk for person in persons])


def record_search(request: UserRequest, persons: Iterable[Person], *, reason: str) -> None:
    """With the ids of all who were found. `reason` says what kind of term, never the term."""
    listed = [person.pk for person in persons]
    _write(request, Action.SEARCH, _first(request), listed=listed, reason=reason)


def record_refused(
    request: UserRequest, action: Action, person: Person | None, *, reason: str = ""
) -> None:
    """Asked for and not given. None: there is nobody, which costs the same to find out.

    Call it outside any transaction that the refusal rolls back.
    """
    _write(request, action, _first(request), refused=True, person=person, reason=reason)


def record_batch(user: User, action: Action, persons: Sequence[int], *, view: str) -> None:
    """What a worker does on behalf of somebody, far from any request: one row for a batch."""
    membership = next(iter(user.current_memberships), None)
    if persons:
        _create(user, action, membership, view=view, listed=list(persons))


def record_disposal(user: User, anchor: str, *, view: str) -> None:
    """That the beginning of the log itself is gone: see persons/anchors.py."""
    membership = next(iter(user.current_memberships), None)
    _create(user, Action.DISPOSE_LOG, membership, view=view, reason=anchor)


def _first(request: UserRequest) -> Membership | None:
    return next(iter(request.user.current_memberships), None)


def _write(
    request: UserRequest, action: Action, membership: Membership | None, **about: object
) -> None:
    _create(
        request.user,
        action,
        membership,
        view=request.resolver_match.view_name if request.resolver_match else "",
        source_ip=request.META.get("REMOTE_ADDR") or None,
        **about,
    )


def _create(user: User, action: Action, membership: Membership | None, **about: object) -> None:
    try:
        _insert(user, action, membership, **about)
    except DatabaseError as error:
        log.error("access log not written", code=type(error).__name__)
        raise NotWritten from error


@transaction.atomic(savepoint=False)
def _insert(user: User, action: Action, membership: Membership | None, **about: object) -> None:
    entry = AccessLogEntry.objects.create(
        user=user,
        role=membership.role if membership else "",
        unit_id=membership.unit_id if membership else None,
        action=action,
        **about,
    )
    AccessLogListed.objects.bulk_create(
        AccessLogListed(entry=entry, person_id=person, at=entry.at)
        for person in dict.fromkeys(entry.listed)
    )

"""Gallring: what `docs/retention.toml` says goes with a person, for those whose time has passed."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import chain
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import QuerySet

from onboarding.retention import policy, rules
from onboarding.retention.models import Disposal, Policy
from persons import access_log, triggers
from persons.models import AccessLogEntry, Person
from persons.models.insert_only import InsertOnlyModel
from staff import permissions
from staff.models import User

BATCH = 200
VIEW = "dispose"
Choice = Callable[[], QuerySet[Person]]


class NotTheOwner(Exception):
    """History can be taken away only by the owner of the database, not by the product."""


def dispose(*, by: User, today: date) -> Counter[str]:
    """Dispose of all who are ready, a batch at a time, and count the rows of each model.

    Each batch is whole or has not been: stopped and begun again, it goes on where it was.
    """
    if not permissions.may_administer(by):
        raise PermissionDenied
    if settings.RETENTION_POLICY != Policy.FIVE_YEARS:
        return Counter()
    if not triggers.may_lift(*_history()):
        raise NotTheOwner
    run, before = uuid4(), policy.limit(today)
    gone: Counter[str] = Counter()
    # Who has gone may have been what hindered another.
    while found := _pass(before, run=run, by=by):
        gone += found
    return gone


def _pass(before: date, *, run: UUID, by: User) -> Counter[str]:
    """Once through all who are ready, and then those whose last file went with them."""

    def alone() -> QuerySet[Person]:
        return policy.without_a_file(before, leaving=Person.objects.none())

    def ready() -> QuerySet[Person]:
        return policy.ready(before)

    gone: Counter[str] = Counter()
    for choice, ids in chain(_batches(ready), _batches(alone)):
        gone += _dispose(ids, choice, run=run, by=by)
    return gone


def _batches(choice: Choice) -> Iterator[tuple[Choice, list[int]]]:
    last = 0
    while ids := list(_numbers(choice().filter(pk__gt=last))[:BATCH]):
        yield choice, ids
        last = ids[-1]


@transaction.atomic
def _dispose(ids: list[int], choice: Choice, *, run: UUID, by: User) -> Counter[str]:
    # Locked, and asked again: somebody may have opened a case since we read.
    locked = list(_numbers(Person.objects.select_for_update().filter(pk__in=ids)))
    ready = list(_numbers(choice().filter(pk__in=locked)))
    if not ready:
        return Counter()
    with triggers.lifted(*_history()):
        rows = Counter(
            {
                # Raw: the collector would read every row, and history refuses.
                model._meta.label: model._base_manager.filter(**{f"{path}__in": ready})._raw_delete(
                    connection.alias
                )
                for model, path in rules.paths_to_person().items()
            }
        )
    Disposal.objects.create(
        run=run, by=by, policy=settings.RETENTION_POLICY, persons=len(ready), rows=rows
    )
    access_log.record_batch(by, AccessLogEntry.Action.DISPOSE, ready, view=VIEW)
    return rows


def _numbers(persons: QuerySet[Person]) -> QuerySet[Person, int]:
    return persons.order_by("pk").values_list("pk", flat=True)


def _history() -> list[str]:
    return [m._meta.db_table for m in rules.paths_to_person() if issubclass(m, InsertOnlyModel)]

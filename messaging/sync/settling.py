"""Where nobody else is asked: the database settles a batch by itself, and no row is read.

The same rules as in write_back, of which this is the short form: everybody gets a yes.
"""

from typing import Any

from django.db import connection, transaction
from django.db.models import Case, F, JSONField, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Exists

from messaging.sync.gateways.base import Change
from messaging.sync.models import SyncRun
from messaging.sync.write_back import moved_by_the_night
from persons.models import Person, PersonEvent, Protection, Switch
from persons.states import SwitchState
from relations.models import Relation
from web import clock

AWAITED = Q(state__in=[SwitchState.PENDING, SwitchState.FAILED])


class Meanwhile(Exception):
    """One more has come to wait than were locked."""


@transaction.atomic
def settle(this: SyncRun, waiting: QuerySet[Switch]) -> list[int]:
    """Return the keys of those who may not be on: of them somebody must be told why.

    Raises Meanwhile, and has done nothing, when somebody else came to wait in between.
    """
    # Locked, so that history tells what is true of the rows when we are done. Not named again:
    # a list of thousands of keys costs more than the statement that it is part of.
    locked = len(waiting.select_for_update().values_list("pk", flat=True))
    barred = list(waiting.filter(_barred(waiting.model)).values_list("pk", flat=True))
    mine = waiting.exclude(pk__in=barred)
    _tell_history(mine.filter(AWAITED))
    settled = mine.update(
        sent_version=F("version"),
        synced_version=F("version"),
        refusal="",
        refused_times=0,
        refused_on=None,
        usable_from=Case(When(AWAITED, then=Value(this.usable_from)), default=F("usable_from")),
        state=moved_by_the_night(),
    )
    if settled + len(barred) != locked:
        raise Meanwhile
    this.done_count += settled
    this.save(update_fields=["done_count"])
    return barred


def _barred(model: type[Switch]) -> Q:
    """See also Change.refusal."""

    def of(field: str, people: QuerySet[Person]) -> Exists:
        return Exists(people.filter(pk=OuterRef(field)))

    if model is Relation:
        told = Person.objects.filter(protection=Protection.NONE, deceased_on=None)
        may = Q(of("principal", told)) & Q(of("representative", told))
    else:
        may = Q(of("person", Person.objects.may_use_e_service(on=clock.today())))
    return Q(messages_enabled=True) & ~may


def _tell_history(rows: QuerySet[Switch]) -> None:
    """Written where it is read, in one statement: by nobody, the system."""
    told: dict[str, Any] = {
        "person_id": F(Change.needs(rows.model)[0]),
        "at": Value(clock.now()),
        "kind": Value("became_usable"),
        "changes": Value({}, JSONField()),
    }
    chosen = rows.values_list(*(told[name] for name in told)).order_by("pk")
    sql, parameters = chosen.query.sql_with_params()
    table = PersonEvent._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO "{table}" ({", ".join(told)}) {sql}', parameters)

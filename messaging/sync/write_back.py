"""What the answers of the other side make of the rows: one statement for each kind of answer."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Value, When

from messaging.sync.gateways.base import Answer, Change
from messaging.sync.models import SyncRun
from persons.models import NIGHTS_BEFORE_SET_ASIDE, PersonEvent, Switch
from persons.states import BY_THE_NIGHT, SwitchState

LONGEST_REASON = 200


@transaction.atomic
def write_back(this: SyncRun, rows: Sequence[Switch], answers: Sequence[Answer]) -> None:
    """Only where the row is still the one that was sent."""
    model = type(rows[0])
    sent = model._default_manager.filter(version=F("sent_version"))
    # Locked, so that history and ledger tell what is true of the rows when we are done.
    unchanged = sent.filter(pk__in=[row.pk for row in rows]).select_for_update()
    ours = set(unchanged.values_list("pk", flat=True))
    reasons = {a.key: a.refusal[:LONGEST_REASON] for a in answers if a.refusal and a.key in ours}
    accepted = {a.key for a in answers if not a.refusal and a.key in ours} - reasons.keys()
    usable_from = this.usable_from
    assert usable_from is not None  # noqa: S101  # set by the claim
    sent.filter(pk__in=accepted).update(
        synced_version=F("sent_version"),
        refusal="",
        refused_times=0,
        refused_on=None,
        usable_from=_date_if_new(usable_from),
        state=moved_by_the_night(),
    )
    _refuse(sent, reasons, this.local_date)
    PersonEvent.objects.bulk_create(
        event for row in rows for event in _events(row, accepted, reasons, this.local_date)
    )
    this.done_count += len(accepted)
    this.left_count += len(ours) - len(accepted) - len(reasons)
    this.save(update_fields=["done_count", "left_count"])


def moved_by_the_night() -> Case:
    """A row that had failed waits again from the moment that it is handed over."""
    moves = [When(state=SwitchState.FAILED, then=Value(BY_THE_NIGHT[SwitchState.PENDING]))]
    moves += [When(state=old, then=Value(new)) for old, new in BY_THE_NIGHT.items()]
    return Case(*moves, default=F("state"))


def _date_if_new(usable_from: date) -> Case:
    return Case(When(state=SwitchState.PENDING, then=Value(usable_from)), default=F("usable_from"))


def _refuse(sent: Any, reasons: dict[int, str], night: date) -> None:
    """A refused row stays dirty and is tried again. One in use stays in use meanwhile."""
    if not reasons:
        return
    texts = [When(pk=key, then=Value(reason)) for key, reason in reasons.items()]
    sent.filter(pk__in=reasons).update(
        refusal=Case(*texts),
        # Nights are counted, not tries: a run that is repeated until it works counts once.
        refused_times=Case(
            When(refused_on=night, then=F("refused_times")), default=F("refused_times") + 1
        ),
        refused_on=night,
        state=Case(
            When(state=SwitchState.PENDING, then=Value(SwitchState.FAILED)), default=F("state")
        ),
    )


def _events(
    row: Switch, accepted: set[int], reasons: dict[int, str], night: date
) -> Iterator[PersonEvent]:
    """History of what the night did. `row` is as it was before the answer."""
    if row.pk in accepted and row.state == SwitchState.PENDING:
        yield _event(row, "became_usable")
    reason = reasons.get(row.pk)
    if reason is None:
        return
    if row.refusal != reason:
        yield _event(row, "was_refused", refusal=[row.refusal, reason])
    if row.refused_times == NIGHTS_BEFORE_SET_ASIDE - 1 and row.refused_on != night:
        yield _event(row, "was_set_aside")


def _event(row: Switch, kind: str, **changes: list[str]) -> PersonEvent:
    """By nobody: the system."""
    return PersonEvent(person_id=Change.person_of(row), by=None, kind=kind, changes=changes)

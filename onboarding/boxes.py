"""The boxes that people tick in a case system without an interface: which, how, and who did."""

from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from messaging.sync.gateways import manual
from messaging.sync.gateways.base import Change
from persons import permissions
from persons.models import Case, EServiceAccount, NotAllowed, Person, PersonEvent, Switch
from relations.models import Relation
from staff.models import User

SHOWN = 100
# In the words of the form there.
COLUMNS = (
    gettext_lazy("Personnummer"),
    gettext_lazy("Meddelande"),
    gettext_lazy("Notifiering via SMS"),
    gettext_lazy("Notifiering via e-post"),
    gettext_lazy("Telefon mobil"),
    gettext_lazy("E-postadress"),
)


@dataclass(frozen=True)
class Boxes:
    """How the boxes of one row are to be, with the values to copy."""

    row: Switch
    person: Person
    heading: str
    # In the order of COLUMNS. Empty: there is nothing to fill in.
    values: list[str]

    @property
    def cells(self) -> list[tuple[str, str]]:
        return [(str(label), value) for label, value in zip(COLUMNS, self.values, strict=True)]

    @property
    def token(self) -> str:
        """The row as it was shown: a confirmation is of nothing else."""
        return f"{self.row.sync_number}:{self.row.version}"


def to_tick(user: User) -> list[Boxes]:
    """What waits for the people that the user works with."""
    if not manual.is_chosen():
        return []
    people = Case.objects.visible_to(user).values("person")
    accounts = EServiceAccount.objects.due().filter(person__in=people)
    relations = Relation.objects.due().filter(principal__in=people)
    waiting = chain(
        _first(accounts.select_related("person"), "person"),
        _first(relations.select_related("principal", "representative"), "principal"),
    )
    found = [_boxes(row) for row in waiting]
    return sorted(found, key=lambda boxes: boxes.person.sort_key)[:SHOWN]


def _first(rows: QuerySet[Any], person: str) -> QuerySet[Any]:
    """No more of each kind than are shown of both, however many wait."""
    unconfirmed = rows.exclude(confirmed_version=F("version"))
    return unconfirmed.order_by(f"{person}__sort_key", "pk")[:SHOWN]


@transaction.atomic
def confirm(*, row: Switch, seen_version: int, by: User) -> None:
    """Say that the boxes are as they were shown. The next run counts them as synchronised.

    Raises NotAllowed when the row has changed since, or is confirmed already.
    """
    person = Person.objects.get(pk=Change.person_of(row))
    if not permissions.may_open(by, person):
        raise PermissionDenied
    waiting = type(row)._default_manager.due().exclude(confirmed_version=F("version"))
    # It is on the other side now: it can no longer be undone without a trace.
    same = waiting.filter(pk=row.pk, version=seen_version)
    if not same.update(confirmed_version=seen_version, sent_version=seen_version):
        raise NotAllowed(f"{row} is not as it was shown")
    PersonEvent.objects.create(person=person, by=by, kind="boxes_ticked")


def _boxes(row: Switch) -> Boxes:
    if isinstance(row, Relation):
        name = f"{row.given_name} {row.family_name}"
        heading = _("Relation: %(name)s") % {"name": name}
        return Boxes(row, row.principal, heading, _values(row, row.mobile))
    assert isinstance(row, EServiceAccount)  # noqa: S101  # there are two kinds
    return Boxes(row, row.person, _("Personbild"), _values(row, row.person.mobile))


def _values(row: Switch, mobile: str) -> list[str]:
    """Who is protected is looked up on the person's own page."""
    change = Change.of(row)
    shown = _("Visas inte i listan. Öppna personen.")
    number = shown if _is_hidden(row) else change.identity_number
    if not change.is_open:
        return [number, _ticked(value=False), "", "", "", ""]
    return [
        number,
        _ticked(value=True),
        _ticked(value=change.notify_by_sms),
        _ticked(value=change.notify_by_email),
        mobile if change.notify_by_sms else "",
        change.email if change.notify_by_email else "",
    ]


def _is_hidden(row: Switch) -> bool:
    if isinstance(row, Relation):
        # Of a representative nothing is shown that the principal did not say: not even this.
        return row.principal.is_protected or not row.messages_enabled
    assert isinstance(row, EServiceAccount)  # noqa: S101
    return row.person.is_protected


def _ticked(*, value: bool) -> str:
    return _("ikryssad") if value else _("inte ikryssad")

"""What a gateway to the e-service must do: a batch in, an answer per row out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from django.db.models import Q
from django.utils.translation import gettext as _

from persons.models import EServiceAccount, Switch
from relations.models import Relation
from web import clock


@dataclass(frozen=True)
class Change:
    """How one row should be on the other side. The whole row, so that order never matters."""

    key: int
    kind: str
    version: int
    is_open: bool
    identity_number: str
    acts_for: str
    notify_by_sms: bool
    notify_by_email: bool
    mobile_e164: str
    email: str
    is_barred: bool

    @property
    def refusal(self) -> str:
        """Why it is not handed over at all. The same words whatever the reason: who is protected
        must not show."""
        if self.is_open and self.is_barred:
            return _("Kan inte kopplas på. Prata med enhetschefen.")
        return ""

    @staticmethod
    def kind_of(model: type[Switch]) -> str:
        return "relation" if model is Relation else "account"

    @classmethod
    def of(cls, row: Switch) -> "Change":
        if isinstance(row, Relation):
            return cls._of_relation(row)
        assert isinstance(row, EServiceAccount)  # noqa: S101  # there are two kinds
        return cls._of_account(row)

    @classmethod
    def _of_account(cls, row: EServiceAccount) -> "Change":
        person = row.person
        told = person.may_be_notified
        return cls(
            key=row.pk,
            kind="account",
            version=row.version,
            is_open=row.messages_enabled,
            identity_number=person.identity_number,
            acts_for="",
            # The other side gets nothing to write to, where nobody may write.
            notify_by_sms=row.notify_by_sms and told,
            notify_by_email=row.notify_by_email and told,
            mobile_e164=person.mobile_e164 if told else "",
            email=person.email if told else "",
            is_barred=not person.may_use_e_service(on=clock.today()),
        )

    @classmethod
    def _of_relation(cls, row: Relation) -> "Change":
        told = row.principal.may_be_notified and row.representative.may_be_notified
        return cls(
            key=row.pk,
            kind="relation",
            version=row.version,
            is_open=row.messages_enabled,
            identity_number=row.representative.identity_number,
            acts_for=row.principal.identity_number,
            notify_by_sms=row.notify_by_sms and told,
            notify_by_email=row.notify_by_email and told,
            mobile_e164=row.mobile_e164 if told else "",
            email=row.email if told else "",
            # No decision opens a relation where one side is protected.
            is_barred=not told,
        )

    @staticmethod
    def needs(model: type[Switch]) -> tuple[str, ...]:
        """The related rows that `of` reads."""
        return ("principal", "representative") if model is Relation else ("person",)

    @staticmethod
    def person_of(row: Switch) -> int:
        """Whose history it belongs to."""
        if isinstance(row, Relation):
            return row.principal_id
        assert isinstance(row, EServiceAccount)  # noqa: S101
        return row.person_id


@dataclass(frozen=True)
class Answer:
    key: int
    refusal: str = ""


@dataclass(frozen=True)
class Reading:
    """The person behind an account had read all that was there at this moment."""

    key: int
    at: datetime


class Unavailable(Exception):
    """The other side could not be asked now. The run fails, and is tried again.

    What it says is shown: a code, never what was sent.
    """


class Gateway(Protocol):
    # Which of the rows that wait a run may hand over.
    ready: Q
    # What we say is true without an answer: a run need not read the rows to hand them over.
    asks_nobody: bool

    def push(self, batch: Sequence[Change]) -> Sequence[Answer]:
        """Make the other side like the batch. Safe to repeat: the version tells what is newer.

        A row without an answer stays, and is handed over again. Must end well within run.LEASE.
        """
        ...


@dataclass(frozen=True)
class Held:
    """One row as the other side has it. `content` is compared with `Comparable.content`."""

    key: int
    version: int
    is_open: bool
    content: Any


@runtime_checkable
class Comparable(Protocol):
    """A gateway whose other side can be asked what it holds."""

    def held(self, model: type[Switch], after: int, limit: int) -> Sequence[Held]:
        """The first rows with a higher key than `after`, in order of their keys."""
        ...

    def content(self, change: Change) -> Any:
        """What `Held.content` would be, if the other side were like us."""
        ...

    def close(self, rows: Sequence[Held]) -> None:
        """Close there, with this version, what may no longer be here at all."""
        ...


@runtime_checkable
class TellsReadings(Protocol):
    """A gateway whose other side tells how far people have read."""

    def readings(self, after: datetime | None) -> Iterable[Reading]:
        """Those after this moment. Some of them may come again."""
        ...

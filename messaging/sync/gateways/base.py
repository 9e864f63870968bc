"""What a gateway to the e-service must do: a batch in, an answer per row out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from persons.models import EServiceAccount, Switch
from relations.models import Relation


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

    @classmethod
    def of(cls, row: Switch) -> "Change":
        if isinstance(row, Relation):
            return cls._of_relation(row)
        assert isinstance(row, EServiceAccount)  # noqa: S101  # there are two kinds
        return cls._of_account(row)

    @classmethod
    def _of_account(cls, row: EServiceAccount) -> "Change":
        person = row.person
        return cls(
            key=row.pk,
            kind="account",
            version=row.version,
            is_open=row.messages_enabled,
            identity_number=person.identity_number,
            acts_for="",
            notify_by_sms=row.notify_by_sms,
            notify_by_email=row.notify_by_email,
            mobile_e164=person.mobile_e164,
            email=person.email,
            is_barred=person.is_protected or person.deceased_on is not None,
        )

    @classmethod
    def _of_relation(cls, row: Relation) -> "Change":
        both = (row.principal, row.representative)
        return cls(
            key=row.pk,
            kind="relation",
            version=row.version,
            is_open=row.messages_enabled,
            identity_number=row.representative.identity_number,
            acts_for=row.principal.identity_number,
            notify_by_sms=row.notify_by_sms,
            notify_by_email=row.notify_by_email,
            mobile_e164=row.mobile_e164,
            email=row.email,
            is_barred=any(person.is_protected or person.deceased_on for person in both),
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


class Gateway(Protocol):
    def push(self, batch: Sequence[Change]) -> Sequence[Answer]:
        """Make the other side like the batch. Safe to repeat: the version tells what is newer."""
        ...

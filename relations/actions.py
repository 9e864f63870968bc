"""What can be done about who may act for whom."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from persons import permissions
from persons.actions import Channels, Incomplete
from persons.models import Case, NotAllowed, Person, PersonEvent
from persons.states import SwitchState
from relations.models import Basis, Relation, RelationsAnswer, Role
from staff.models import User
from web import clock

LONGEST = timedelta(days=365)


class AlreadyThere(NotAllowed):
    """The pair has a standing relation."""

    def __init__(self, relation: Relation) -> None:
        super().__init__(str(relation))
        self.relation = relation


class AlreadyClosed(NotAllowed):
    """The same submission was added before, and has been closed since."""


@dataclass(frozen=True)
class CloseRelative:
    """A närstående whom the person consents to. `identity_number` is 12 digits."""

    identity_number: str
    given_name: str
    family_name: str
    kinship: str
    investigation_opened_on: date
    consent_on: date
    consent_form: str
    valid_until: date
    may_read_messages: bool
    may_write_messages: bool
    may_see_documents: bool
    may_see_invitations: bool
    channels: Channels


def missing_before_relation(principal: Person, details: CloseRelative, *, on: date) -> list[str]:
    """What stands in the way, in words for people."""
    missing = details.channels.missing()
    if details.investigation_opened_on > on:
        missing.append(_("Relationer kan aktiveras när en utredning har inletts."))
    if details.consent_on > on:
        missing.append(_("Datumet har inte varit än. Skriv det datum då personen sa ja."))
    if not on <= details.valid_until <= on + LONGEST:
        missing.append(_("Samtycket ska ha ett slutdatum, högst ett år från i dag."))
    if details.identity_number == principal.identity_number:
        missing.append(_("Det här är personen själv."))
    if reused_contact(principal, details.channels):
        missing.append(_("Skriv relationens egna kontaktuppgifter, inte personens."))
    # A protected representative is not mentioned here: that would tell who is protected.
    # The nightly run refuses the row instead.
    if principal.is_protected:
        missing.append(_("Personen har skyddade personuppgifter."))
    if principal.deceased_on:
        missing.append(_("Personen är avliden."))
    return missing


def reused_contact(principal: Person, channels: Channels) -> list[str]:
    """Which of "mobile" and "email" are the principal's own."""
    reused = []
    if channels.mobile_e164 and channels.mobile_e164 == principal.mobile_e164:
        reused.append("mobile")
    if channels.email and channels.email.lower() == principal.email.lower():
        reused.append("email")
    return reused


def has_contact(principal: Person, mobile_e164: str, email: str) -> bool:
    """A relation has this number or address as its own."""
    same = Q(pk__in=[])
    if mobile_e164:
        same |= Q(mobile_e164=mobile_e164)
    if email:
        same |= Q(email__iexact=email)
    return Relation.objects.of(principal).standing().filter(same).exists()


@transaction.atomic
def add_close_relative(
    *, principal: Person, case: Case, details: CloseRelative, submission: UUID, by: User
) -> Relation:
    """Add a närstående. The same submission twice is one relation.

    Raises Incomplete, AlreadyThere, or AlreadyClosed.
    """
    _require_access(by, principal)
    # The principal's row is the lock: two workers at the same second add one relation. Read
    # again, because a marking may have arrived while the form was open.
    principal = Person.objects.select_for_update(no_key=True).get(pk=principal.pk)
    repeated: Relation | None = Relation.objects.of(principal).filter(public_id=submission).first()
    if repeated:
        if not repeated.messages_enabled:
            raise AlreadyClosed(str(repeated))
        return repeated
    if missing := missing_before_relation(principal, details, on=clock.today()):
        raise Incomplete(missing)
    representative = _representative(details)
    if there := _standing(principal, representative):
        raise AlreadyThere(there)
    _open_investigation(case, details.investigation_opened_on)
    relation = _create(principal, representative, details, submission=submission, by=by)
    _note(principal, "relation_added", by=by, relation=[None, str(relation.public_id)])
    return relation


@transaction.atomic
def answer(
    *, person: Person, answer: str, ask_again_on: date | None = None, by: User
) -> RelationsAnswer:
    """Note that the person wants nobody now, or wants to be asked again."""
    _require_access(by, person)
    last: RelationsAnswer | None = (
        RelationsAnswer.objects.filter(person=person).order_by("-at", "-pk").first()
    )
    if last and (last.answer, last.ask_again_on) == (answer, ask_again_on):
        return last
    noted: RelationsAnswer = RelationsAnswer.objects.create(
        person=person, answer=answer, ask_again_on=ask_again_on, by=by
    )
    _note(person, "relations_answered", by=by, answer=[last.answer if last else None, answer])
    return noted


@transaction.atomic
def close(*, relation: Relation, by: User) -> None:
    """Shut our own door at once. The other side is told tonight."""
    _require_access(by, relation.principal)
    if not relation.messages_enabled:
        raise NotAllowed(f"{relation} is closed already")
    _shut(relation, by=by)


@transaction.atomic
def shut_all_of(*, person: Person, by: User | None) -> None:
    """Shut the relations on both sides, whoever asks: what protects waits for no permission.

    In the history of somebody else it is the system that closed: who marked the representative,
    and that there is such a worker at all, must not show there.
    """
    both = Q(principal=person) | Q(representative=person)
    open_ = Relation.objects.filter(both, messages_enabled=True)
    for relation in open_.select_for_update(of=("self",)).select_related("principal"):
        _shut(relation, by=by if relation.principal_id == person.pk else None)


def _shut(relation: Relation, *, by: User | None) -> None:
    if relation.can_be_undone:
        relation.move(SwitchState.OFF, messages_enabled=False)
    else:
        relation.move(SwitchState.CLOSING, messages_enabled=False)
    _note(relation.principal, "relation_closed", by=by, relation=[str(relation.public_id), None])


def _require_access(by: User, principal: Person) -> None:
    if not permissions.may_open(by, principal):
        raise PermissionDenied


def _representative(details: CloseRelative) -> Person:
    """The one with this number, known or new. What we know of a known one is left untouched."""
    return Person.objects.get_or_create(
        identity_number=details.identity_number,
        defaults={
            "given_name": details.given_name,
            "family_name": details.family_name,
            "protection": "none",
        },
    )[0]


def _standing(principal: Person, representative: Person) -> Relation | None:
    return Relation.objects.of(principal).standing().filter(representative=representative).first()


def _open_investigation(case: Case, opened_on: date) -> None:
    unknown = Case.objects.filter(pk=case.pk, investigation_opened_on=None)
    unknown.update(investigation_opened_on=opened_on, version=F("version") + 1)


def _create(
    principal: Person,
    representative: Person,
    details: CloseRelative,
    *,
    submission: UUID,
    by: User,
) -> Relation:
    told = vars(details).copy()
    channels: Channels = told.pop("channels")
    for name in ("identity_number", "investigation_opened_on"):
        told.pop(name)
    relation = Relation.objects.create(
        public_id=submission,
        principal=principal,
        representative=representative,
        role=Role.CLOSE_RELATIVE,
        basis=Basis.CONSENT,
        valid_from=clock.today(),
        created_by=by,
        **told,
        **vars(channels),
    )
    relation.move(SwitchState.PENDING, messages_enabled=True)
    return relation


def _note(person: Person, kind: str, *, by: User | None, **changes: list[Any]) -> None:
    PersonEvent.objects.create(person=person, by=by, kind=kind, changes=changes)

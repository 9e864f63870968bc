"""What can be done with a person's own switch."""

from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from persons import permissions
from persons.models import EServiceAccount, NotAllowed, Person, PersonEvent, Wish
from persons.states import SwitchState
from staff.models import User
from web import clock


class Incomplete(NotAllowed):
    """Something is missing before the switch: `reasons` says what, for people."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


class Outdated(NotAllowed):
    """The form was opened before somebody else changed the same facts."""


@dataclass(frozen=True)
class Channels:
    """What the personbild says of how somebody is reached and told."""

    notify_by_sms: bool
    notify_by_email: bool
    mobile: str
    mobile_e164: str
    email: str
    # None: not asked.
    sms_read_by_others: bool | None
    email_read_by_others: bool | None

    def missing(self) -> list[str]:
        """What must be there before this can be switched on. See `domain` rule R4."""
        missing = []
        if self.notify_by_sms and not self.mobile_e164:
            missing.append(_("Skriv mobilnumret, till exempel 070-174 06 05."))
        if self.notify_by_email and not self.email:
            missing.append(_("Skriv e-postadressen, till exempel namn@exempel.se."))
        if (self.notify_by_sms and self.sms_read_by_others) or (
            self.notify_by_email and self.email_read_by_others
        ):
            missing.append(_("Ingen notifiering till en kanal som någon annan kan läsa."))
        return missing


@dataclass(frozen=True)
class SwitchOn(Channels):
    wish_on: date


def missing_before_switch_on(person: Person, details: Channels) -> list[str]:
    """What stands in the way, in words for people. The page lists it, the action refuses on it."""
    missing = details.missing()
    if person.is_protected and not person.may_use_e_service(on=clock.today()):
        missing.append(_("Enhetschefen måste besluta innan e-tjänsten kopplas på."))
    elif person.is_protected and (details.notify_by_sms or details.notify_by_email):
        missing.append(_("Inget sms eller mejl skickas till den som har skyddade personuppgifter."))
    if person.deceased_on:
        missing.append(_("Personen är avliden."))
    return missing


# Where saving the personbild leads from each state.
_SAVED: dict[SwitchState, SwitchState] = {
    SwitchState.OFF: SwitchState.PENDING,
    SwitchState.CLOSING: SwitchState.PENDING,
    SwitchState.FAILED: SwitchState.PENDING,
    SwitchState.PENDING: SwitchState.PENDING,
    SwitchState.ACTIVE: SwitchState.PENDING_CHANGE,
    SwitchState.PENDING_CHANGE: SwitchState.PENDING_CHANGE,
}


@transaction.atomic
def switch_on(*, account: EServiceAccount, details: SwitchOn, seen_version: int, by: User) -> None:
    """Switch the e-service on, or change how the person is reached while it is on.

    Saving the same thing twice is one change. Raises Incomplete, or Outdated when the facts
    changed after `seen_version`.
    """
    person = account.person
    require_access(by, person)
    if missing := missing_before_switch_on(person, details):
        raise Incomplete(missing)
    if account.version != seen_version:
        if _already_saved(account, details):
            return
        raise Outdated(f"{account} is at version {account.version}")
    state = SwitchState(account.state)
    new = asdict(details) | {"wish": Wish.YES, "messages_enabled": True}
    if details.mobile_e164 != person.mobile_e164:
        new["mobile_confirmed_on"] = clock.today() if details.mobile_e164 else None
    kind = "channels_changed"
    if state in {SwitchState.OFF, SwitchState.CLOSING}:
        kind = "switched_on"
        new |= {"ask_again_on": None, "usable_from": None, "refusal": ""}
        new |= {"switched_on_by_id": by.pk, "switched_on_at": clock.now()}
    save(account, _SAVED[state], new, kind=kind, by=by)


@transaction.atomic
def undo_switch_on(*, account: EServiceAccount, by: User) -> frozenset[str]:
    """Put all back but what was changed elsewhere since, and return the names of that.

    Possible until a run has taken the row.
    """
    require_access(by, account.person)
    if not account.can_be_undone:
        raise NotAllowed(f"{account} has been taken by a run")
    old, kept = _before_switch_on(account.person)
    # CLOSING when the other side still has it open, and is to be told tonight after all.
    to = SwitchState(old.pop("state", SwitchState.OFF))
    save(account, to, old, kind="switch_undone", by=by)
    return kept


def _before_switch_on(person: Person) -> tuple[dict[str, Any], frozenset[str]]:
    """What the switch changed, with what stood there before, and what others changed since."""
    switched_on = person.events.filter(kind="switched_on").latest("pk")
    old: dict[str, Any] = {}
    kept: set[str] = set()
    # Backwards, so that the value from before the first change is the one that stays.
    for event in person.events.filter(pk__gte=switched_on.pk).order_by("-pk"):
        if event.kind in {"switched_on", "channels_changed"}:
            old |= {name: v[0] for name, v in event.changes.items() if name not in kept}
        else:
            kept |= _with_the_number(_PERSON_FIELDS & event.changes.keys())
    return old, frozenset(kept)


def _with_the_number(names: set[str] | frozenset[str]) -> set[str]:
    """A number, as it was typed and when it was confirmed are one fact."""
    return {*names, *(_NUMBER if _NUMBER & names else ())}


@transaction.atomic
def switch_off(*, account: EServiceAccount, by: User) -> None:
    """Our own door shuts at once; the other side is told tonight."""
    require_access(by, account.person)
    if not account.messages_enabled:
        raise NotAllowed(f"{account} is off already")
    shut(account=account, by=by)


@transaction.atomic
def shut(*, account: EServiceAccount, by: User | None) -> None:
    """What switching off does, whoever asks: what protects a person waits for no permission."""
    if account.messages_enabled:
        off = {"messages_enabled": False, "notify_by_sms": False, "notify_by_email": False}
        save(account, SwitchState.CLOSING, off, kind="switched_off", by=by)
    else:
        # A new version, so that a switch-on that is under way finds the row changed.
        account.move(SwitchState(account.state))


@transaction.atomic
def decline(
    *, account: EServiceAccount, wish: Wish, ask_again_on: date | None, seen_version: int, by: User
) -> None:
    """The person does not want the e-service now, or has no e-identification."""
    require_access(by, account.person)
    new = {"wish": wish, "wish_on": clock.today(), "ask_again_on": ask_again_on}
    if account.version != seen_version:
        if account.wish == wish and account.ask_again_on == ask_again_on:
            return
        raise Outdated(f"{account} is at version {account.version}")
    if account.state != SwitchState.OFF:
        raise NotAllowed(f"{account} is on: switch it off first")
    save(account, SwitchState.OFF, new, kind="declined", by=by)


def require_access(by: User, person: Person) -> None:
    if not permissions.may_open(by, person):
        raise PermissionDenied


_NUMBER = frozenset({"mobile", "mobile_e164", "mobile_confirmed_on"})
_PERSON_FIELDS = _NUMBER | {"email", "given_name", "family_name", "language", "interpreter"}


def _already_saved(account: EServiceAccount, details: SwitchOn) -> bool:
    names = [field.name for field in fields(details)]
    return account.messages_enabled and all(
        _current(account, name) == getattr(details, name) for name in names
    )


def _current(account: EServiceAccount, name: str) -> Any:
    return getattr(account.person if name in _PERSON_FIELDS else account, name)


def save(
    account: EServiceAccount, to: SwitchState, new: dict[str, Any], *, kind: str, by: User | None
) -> None:
    """Move the account, write the person's own facts, and one event with old and new values."""
    person = account.person
    changes = {
        name: [_plain(_current(account, name)), _plain(value)]
        for name, value in (new | {"state": to}).items()
        if _plain(_current(account, name)) != _plain(value)
    }
    of_person = {name: new[name] for name in new if name in _PERSON_FIELDS}
    account.move(to, **{name: new[name] for name in new if name not in _PERSON_FIELDS})
    if of_person:
        for name, value in of_person.items():
            setattr(person, name, value)
        person.save(update_fields=list(of_person))
    PersonEvent.objects.create(person=person, by=by, kind=kind, changes=changes)


def _plain(value: Any) -> Any:
    """As JSON keeps it."""
    return value.isoformat() if hasattr(value, "isoformat") else value

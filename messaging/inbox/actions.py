"""What can be done with the welcome message."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from messaging.inbox.models import Message
from messaging.notices import actions as notices
from messaging.notices import restoring
from messaging.notices.actions import News
from messaging.sheet import actions as sheet
from messaging.sync.calendar import WELCOME_AT
from messaging.sync.gateways import manual
from messaging.wording import variables
from messaging.wording.kinds import Kind
from persons import permissions
from persons.models import EServiceAccount, NotAllowed, Person, PersonEvent
from persons.states import OPEN, SwitchState
from staff.models import Municipality, User
from web import clock, dates

State = Message.State
AT_ONCE = 500  # so many are made readable in one transaction


class AlreadyWelcomed(NotAllowed):
    """Somebody has scheduled a welcome for this person already."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class AlreadySent(NotAllowed):
    """The message can be read by the person: it can neither be changed nor stopped."""


class AlreadyStopped(NotAllowed):
    """The same submission was scheduled before, and has been stopped since."""


class NotTicked(NotAllowed):
    """Nobody can write in the case system before the boxes are ticked there."""


class Unfilled(NotAllowed):
    """Something stands as {avsändarens telefon}: nobody outside the office is to read that."""


def may_be_welcomed(person: Person) -> bool:
    """The e-service is on, or will be after the night, and may be."""
    account = person.account
    on = account.messages_enabled and account.state != SwitchState.CLOSING
    return on and person.may_use_e_service(on=clock.today())


def schedule_welcome(
    *, person: Person, subject: str, body: str, submission: UUID, by: User
) -> Message:
    """Write the welcome down. It becomes readable when the service can be used.

    With a case system that people write in, it confirms that the welcome stands there. The same
    submission twice is one message. Raises AlreadyWelcomed, AlreadyStopped, NotTicked or Unfilled.
    """
    _require_access(by, person)
    _require_filled(subject, body)
    # Before the transaction: a new wording of the sheet takes a second to render.
    attached = sheet.current(person.language, municipality=Municipality.load())
    message = Message(
        public_id=submission,
        person=person,
        kind=Message.Kind.WELCOME,
        subject=subject,
        body=body,
        written_elsewhere=manual.is_chosen(),
        sheet=attached,
        written_by=by,
    )
    return _schedule(message)


@transaction.atomic
def _schedule(message: Message) -> Message:
    person = message.person
    # The row of the account is the lock: two workers at the same second schedule one welcome.
    # Read again: somebody may have switched off since the page was shown.
    person.account = EServiceAccount.objects.select_for_update().get(person=person)
    if there := Message.objects.welcomes().filter(person=person).first():
        if there.public_id == message.public_id:
            return there
        raise AlreadyWelcomed(there)
    if not may_be_welcomed(person):
        raise NotAllowed(f"{person} cannot be welcomed")
    if Message.objects.filter(public_id=message.public_id).exists():
        raise AlreadyStopped(str(message))
    if message.written_elsewhere and manual.has_no_date(person.account):
        raise NotTicked(str(message))
    message.save()
    elsewhere = message.written_elsewhere
    _note(message, "welcome_confirmed" if elsewhere else "welcome_scheduled", by=message.written_by)
    return message


@transaction.atomic
def change_welcome(
    *, message: Message, subject: str, body: str, seen_version: int, by: User
) -> None:
    """Change what has not gone out.

    Raises AlreadySent, Unfilled, or NotAllowed when it changed meanwhile.
    """
    _require_access(by, message.person)
    _require_filled(subject, body)
    if (message.subject, message.body) == (subject, body):
        return
    waiting = Message.objects.filter(pk=message.pk, state=State.SCHEDULED, written_elsewhere=False)
    new = {"subject": subject, "body": body, "written_by": by, "version": seen_version + 1}
    if not waiting.filter(version=seen_version).update(**new):
        raise NotAllowed(str(message)) if waiting.exists() else AlreadySent(str(message))
    PersonEvent.objects.create(person=message.person, by=by, kind="welcome_changed")


@transaction.atomic
def stop_welcome(*, message: Message, by: User) -> None:
    """Take back what has not gone out. Stopping twice is one stop. Raises AlreadySent."""
    _require_access(by, message.person)
    stopped = Message.objects.filter(pk=message.pk, state=State.STOPPED)
    if not _stop(message, by=by) and not stopped.exists():
        raise AlreadySent(str(message))


@transaction.atomic
def withdraw_welcome(*, person: Person, by: User | None) -> None:
    """Stop what has not gone out, whoever asks: what protects a person waits for no permission."""
    waiting = Message.objects.welcomes().filter(person=person, state=State.SCHEDULED)
    if message := waiting.first():
        _stop(message, by=by)


def _stop(message: Message, *, by: User | None) -> bool:
    waiting = Message.objects.filter(pk=message.pk, state=State.SCHEDULED)
    if not waiting.update(state=State.STOPPED):
        return False
    elsewhere = message.written_elsewhere
    _note(message, "welcome_unconfirmed" if elsewhere else "welcome_stopped", by=by)
    return True


def release_due(*, now: datetime) -> int:
    """From 09:00 on a working day: make scheduled welcomes readable where the service works.

    Raises the last fault when all have been tried, and Restored as the notices do.
    """
    restoring.require_current()
    local = timezone.localtime(now)
    if local.time() < WELCOME_AT or not dates.is_working_day(local.date()):
        return 0
    due = Message.objects.filter(
        state=State.SCHEDULED,
        person__account__state__in=sorted(OPEN),
        person__account__usable_from__lte=local.date(),
        person__in=Person.objects.may_use_e_service(on=local.date()),
    )
    due = due.select_related("person__account", "sheet", "written_by").order_by("pk")
    released, last, fault = 0, 0, None
    while some := list(due.filter(pk__gt=last)[:AT_ONCE]):
        last = some[-1].pk
        try:
            released += _release(some, now)
        except Exception:  # one that cannot go out must not stop the others
            count, fault = _release_each(some, now)
            released += count
    if fault:
        raise fault
    return released


def _release_each(messages: list[Message], now: datetime) -> tuple[int, Exception | None]:
    """How many could go out, and why the last that could not did not."""
    released, fault = 0, None
    for message in messages:
        try:
            released += _release([message], now)
        except Exception as error:
            fault = error
    return released, fault


@transaction.atomic
def _release(messages: list[Message], now: datetime) -> int:
    """Messages and their notices in one transaction: neither is ever there without the other."""
    for message in messages:
        _require_filled(message.subject, message.body)
    rows = Message.objects.filter(
        pk__in=[message.pk for message in messages], state=State.SCHEDULED
    )
    # Locked: nobody changes or stops one in between.
    waiting = dict(rows.select_for_update().order_by("pk").values_list("pk", "version"))
    ours = [message for message in messages if waiting.get(message.pk) == message.version]
    rows.filter(pk__in=[message.pk for message in ours]).update(
        state=State.READABLE, readable_at=now
    )
    notices.queue_all(kind=Kind.WELCOME, news=[_news(message) for message in ours])
    PersonEvent.objects.bulk_create(_released(message) for message in ours)
    return len(ours)


def _news(message: Message) -> News:
    return News(
        account=message.person.account,
        about=f"message {message.pk}",
        sheet=message.sheet,
        by=message.written_by,
        written_at=message.created_at,
    )


def _released(message: Message) -> PersonEvent:
    kind = "welcome_told" if message.written_elsewhere else "welcome_readable"
    return PersonEvent(person=message.person, kind=kind)


def _note(message: Message, kind: str, *, by: User | None) -> None:
    PersonEvent.objects.create(person=message.person, by=by, kind=kind)


def _require_access(by: User, person: Person) -> None:
    if not permissions.may_open(by, person):
        raise PermissionDenied


def _require_filled(*texts: str) -> None:
    if any(variables.unfilled(text) for text in texts):
        raise Unfilled

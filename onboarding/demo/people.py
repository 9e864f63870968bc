"""40 people, each in a situation that the checklist knows."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from messaging.inbox import welcome
from messaging.inbox.models import Message
from messaging.notices import texts
from messaging.notices.models import Channel, Notice
from messaging.notices.states import NoticeState
from messaging.sheet.models import SheetVersion
from messaging.sync.calendar import ledger_date, night_of, welcome_moment
from messaging.wording.kinds import Kind
from onboarding.demo.folk import Folk
from onboarding.demo.protected import decided, newly_marked
from persons import mobile_number
from persons.models import (
    Case,
    EServiceAccount,
    Person,
    PersonEvent,
    Protection,
    Wish,
)
from persons.states import SwitchState
from relations.models import Basis, ConsentForm, Relation, RelationsAnswer
from relations.models import Role as RelationRole
from staff.models import Municipality, Unit, User
from web import clock, dates

# Number and name, one person per line.
PEOPLE = Path(__file__).with_name("people.txt")
# Two sisters, from the same data set.
SISTERS = ("199007042386", "198502089884")


def load(staff: dict[str, User], sheet: SheetVersion) -> None:
    folk = Folk(staff, sheet)
    lines = PEOPLE.read_text(encoding="utf-8").splitlines()
    people = [line.split(" ", 2) for line in lines if not line.startswith("#")]
    for number, (person, situation) in enumerate(zip(people, _situations(), strict=True)):
        case = _register(folk, number, *person)
        situation(folk, case)


def _register(folk: Folk, number: int, identity_number: str, given: str, family: str) -> Case:
    mobile = f"070-174 06 {5 + number:02}"
    person = Person.objects.create(
        identity_number=identity_number,
        given_name=given,
        family_name=family,
        protection=Protection.NONE,
        mobile=mobile,
        mobile_e164=mobile_number.to_e164(mobile),
        email=f"person{number + 1}@exempel.se",
        # One that nobody has asked about for thirteen months.
        mobile_confirmed_on=_ago(400 if number == 2 else 12),
        interpreter={0: "arabiska", 10: "somaliska", 21: "dari"}.get(number, ""),
    )
    EServiceAccount.objects.create(person=person)
    return Case.objects.create(
        person=person,
        number=f"IFO-2026-{number + 101}",
        unit=Unit.objects.get(kind=Unit.Kind.SOCIAL_SERVICES),
        case_worker=folk.staff["Sara" if number % 3 else "Jonas"],
        # Two in three are Karin's; the others show that a colleague's people are not hers.
        support_contact=folk.staff["Karin" if number % 3 != 2 else "Erik"],
        investigation_opened_on=_ago(40) if number % 4 else None,
        decided_on=_ago(12),
        executed_on=_ago(6),
    )


def _situations() -> Iterator[Callable[[Folk, Case], None]]:
    """Forty, in every state; the first is the one that a newcomer switches on."""
    for fourth, hidden, last in (
        (late, newly_marked, email_failed),
        (died, decided, died_while_on),
    ):
        yield not_started
        yield not_delivered
        yield ready_for_welcome
        yield fourth
        yield waiting_for_the_night
        yield welcome_scheduled
        yield waiting_for_sign_in
        yield never_signed_in
        yield signed_in
        yield done
        yield declined
        yield without_eid
        yield hidden
        yield refused
        yield with_relation
        yield ask_later
        yield not_executed
        yield no_notices
        yield ask_again_now
        yield last


def not_started(folk: Folk, case: Case) -> None:
    _dates(case, executed_on=clock.today())


def late(folk: Folk, case: Case) -> None:
    _dates(case, executed_on=_ago(8))


def not_executed(folk: Folk, case: Case) -> None:
    """Step 1 is still the case worker's."""
    _dates(case, executed_on=None, decided_on=_ago(2))


def waiting_for_the_night(folk: Folk, case: Case) -> None:
    _switch(folk, case, SwitchState.PENDING)


def welcome_scheduled(folk: Folk, case: Case) -> None:
    """By SMS and by e-mail: both are in the outbox the morning after."""
    _switch(folk, case, SwitchState.PENDING, notify_by_email=True)
    _message(folk, case)


def refused(folk: Folk, case: Case) -> None:
    text = "Kan inte kopplas på. Prata med enhetschefen."
    _switch(folk, case, SwitchState.FAILED, refusal=text)


def ready_for_welcome(folk: Folk, case: Case) -> None:
    _switch(folk, case, SwitchState.ACTIVE, usable_from=ledger_date(clock.now()))


def waiting_for_sign_in(folk: Folk, case: Case) -> None:
    _welcomed(folk, case, days=2)


def never_signed_in(folk: Folk, case: Case) -> None:
    _welcomed(folk, case, days=10)


def not_delivered(folk: Folk, case: Case) -> None:
    _welcomed(folk, case, days=1, sms=NoticeState.UNDELIVERED)


def email_failed(folk: Folk, case: Case) -> None:
    _switch(folk, case, SwitchState.ACTIVE, usable_from=_ago(2), notify_by_email=True)
    message = _message(folk, case, readable_at=_morning(2))
    _notice(message, Channel.SMS, NoticeState.DELIVERED)
    _notice(message, Channel.EMAIL, NoticeState.FAILED)


def no_notices(folk: Folk, case: Case) -> None:
    """Somebody else reads the telephone."""
    shared = {"notify_by_sms": False, "sms_read_by_others": True}
    _switch(folk, case, SwitchState.ACTIVE, usable_from=_ago(4), **shared)
    _message(folk, case, readable_at=_morning(4))


def signed_in(folk: Folk, case: Case) -> None:
    _welcomed(folk, case, days=6, signed_in=True)


def ask_later(folk: Folk, case: Case) -> None:
    _welcomed(folk, case, days=6, signed_in=True)
    _answer(folk, case, RelationsAnswer.Answer.LATER, clock.today() + timedelta(days=30))


def with_relation(folk: Folk, case: Case) -> None:
    _welcomed(folk, case, days=8, signed_in=True)
    _dates(case, investigation_opened_on=_ago(40))
    _relation(folk, case)


def done(folk: Folk, case: Case) -> None:
    _welcomed(folk, case, days=20, signed_in=True)
    _answer(folk, case, RelationsAnswer.Answer.NO, None)
    _letter(folk, case, from_person=False)
    _letter(folk, case, from_person=True)


def declined(folk: Folk, case: Case) -> None:
    again = clock.today() + timedelta(days=60)
    _account(case, wish=Wish.NO, wish_on=_ago(5), ask_again_on=again, version=1)


def ask_again_now(folk: Folk, case: Case) -> None:
    _account(case, wish=Wish.NO, wish_on=_ago(60), ask_again_on=_ago(0), version=1)


def without_eid(folk: Folk, case: Case) -> None:
    _account(case, wish=Wish.NO_EID, wish_on=_ago(3), version=1)


def died(folk: Folk, case: Case) -> None:
    Person.objects.filter(pk=case.person_id).update(deceased_on=_ago(3))


def died_while_on(folk: Folk, case: Case) -> None:
    signed_in(folk, case)
    died(folk, case)


def _welcomed(
    folk: Folk,
    case: Case,
    *,
    days: int,
    sms: NoticeState = NoticeState.DELIVERED,
    signed_in: bool = False,
) -> None:
    _switch(folk, case, SwitchState.ACTIVE, usable_from=_morning(days).date())
    message = _message(folk, case, readable_at=_morning(days))
    _notice(message, Channel.SMS, sms)
    if signed_in:
        _account(case, first_signed_in_at=_morning(days) + timedelta(hours=9))


def _switch(folk: Folk, case: Case, state: SwitchState, **facts: Any) -> None:
    """An account that is on, with the versions that its state implies."""
    sent = state != SwitchState.PENDING
    at = clock.now() - timedelta(hours=2)
    if usable := facts.get("usable_from"):
        at = night_of(usable) - timedelta(hours=17)
    _account(
        case,
        **{
            "state": state,
            "wish": Wish.YES,
            "wish_on": at.date(),
            "messages_enabled": True,
            "notify_by_sms": True,
            "sms_read_by_others": False,
            "email_read_by_others": False,
            "version": 1,
            "sent_version": int(sent),
            "synced_version": int(state == SwitchState.ACTIVE),
            "switched_on_by": case.support_contact,
            "switched_on_at": at,
        }
        | facts,
    )
    # What "Ångra" puts back.
    changes = {
        "messages_enabled": [False, True],
        "notify_by_sms": [False, True],
        "notify_by_email": [False, facts.get("notify_by_email", False)],
        "wish": ["", Wish.YES.value],
        "wish_on": [None, at.date().isoformat()],
    }
    _event(case, "switched_on", at, case.support_contact, changes)
    if usable:
        _event(case, "became_usable", night_of(usable), None)


def _message(folk: Folk, case: Case, readable_at: datetime | None = None) -> Message:
    person = Person.objects.select_related("account").get(pk=case.person_id)
    by = _contact(case)
    at = (readable_at or clock.now()) - timedelta(hours=1)
    draft = welcome.draft(person=person, by=by, read_on=timezone.localtime(at).date())
    message: Message = Message.objects.create(
        person=person,
        kind=Message.Kind.WELCOME,
        subject=draft.subject,
        body=draft.body,
        sheet=folk.sheet,
        written_by=by,
        created_at=at,
        state=Message.State.READABLE if readable_at else Message.State.SCHEDULED,
        readable_at=readable_at,
    )
    _event(case, "welcome_scheduled", at, by)
    if readable_at:
        _event(case, "welcome_readable", readable_at, None)
    return message


# A number that nobody has, and an inbox that is not there.
_CODES = {NoticeState.UNDELIVERED: "30005", NoticeState.FAILED: "550"}


def _notice(message: Message, channel: Channel, state: NoticeState) -> None:
    person = message.person
    written = texts.write(Kind.WELCOME, channel, Municipality.load())
    at = (message.readable_at or clock.now()) + timedelta(minutes=1)
    notice = Notice.objects.create(
        dedupe_key=f"{Kind.WELCOME}:message {message.pk}:{channel}",
        kind=Kind.WELCOME,
        channel=channel,
        person=person,
        address=person.mobile_e164 if channel == Channel.SMS else person.email,
        state=state,
        last_code=_CODES.get(state, ""),
        attempt=1,
        not_before=at,
        created_at=at,
        settled_at=at,
        **vars(written),
    )
    notice.events.create(at=at, from_state=NoticeState.SENDING, to_state=state)


def _letter(folk: Folk, case: Case, *, from_person: bool) -> None:
    Message.objects.create(
        person=case.person,
        kind=Message.Kind.LETTER,
        from_person=from_person,
        subject="Tack" if from_person else "Hej igen",
        body="Tack, jag har läst." if from_person else "Säg till om något är oklart.",
        written_by=None if from_person else case.support_contact,
        state=Message.State.READABLE,
        readable_at=_morning(3),
    )


def _answer(folk: Folk, case: Case, answer: str, again: date | None) -> None:
    RelationsAnswer.objects.create(
        person=case.person, answer=answer, ask_again_on=again, by=_contact(case)
    )
    _event(case, "relations_answered", clock.now(), case.support_contact)


def _relation(folk: Folk, case: Case) -> None:
    """A sister, who has a number of her own."""
    sister = Person.objects.create(
        identity_number=SISTERS[Relation.objects.count()],
        given_name="Leila",
        family_name=case.person.family_name,
        protection=Protection.NONE,
    )
    mobile = f"070-174 06 {50 + case.pk % 40:02}"
    Relation.objects.create(
        principal=case.person,
        representative=sister,
        given_name=sister.given_name,
        family_name=sister.family_name,
        role=RelationRole.CLOSE_RELATIVE,
        kinship="syster",
        basis=Basis.CONSENT,
        consent_on=_ago(5),
        consent_form=ConsentForm.ORAL,
        may_read_messages=True,
        may_write_messages=True,
        valid_from=_ago(5),
        valid_until=_ago(5) + timedelta(days=180),
        mobile=mobile,
        mobile_e164=mobile_number.to_e164(mobile),
        messages_enabled=True,
        notify_by_sms=True,
        sms_read_by_others=False,
        email_read_by_others=False,
        state=SwitchState.ACTIVE,
        usable_from=_ago(4),
        version=1,
        sent_version=1,
        synced_version=1,
        created_by=_contact(case),
    )
    _event(case, "relation_added", clock.now() - timedelta(days=5), case.support_contact)


def _contact(case: Case) -> User:
    assert case.support_contact is not None  # noqa: S101  # every case of the demo has one
    return case.support_contact


def _account(case: Case, **facts: Any) -> None:
    EServiceAccount.objects.filter(person=case.person_id).update(**facts)


def _dates(case: Case, **facts: Any) -> None:
    Case.objects.filter(pk=case.pk).update(**facts)


def _event(
    case: Case, kind: str, at: datetime, by: User | None, changes: dict[str, Any] | None = None
) -> None:
    PersonEvent.objects.create(person=case.person, kind=kind, at=at, by=by, changes=changes or {})


def _ago(days: int) -> date:
    return clock.today() - timedelta(days=days)


def _working_day_ago(days: int) -> date:
    day = _ago(days)
    while not dates.is_working_day(day):
        day -= timedelta(days=1)
    return day


def _morning(days: int) -> datetime:
    """09:00 on a working day about so many days ago."""
    return welcome_moment(_working_day_ago(days), now=night_of(_working_day_ago(days)))

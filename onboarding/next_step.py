"""One next step for each person: what, who, by when, and why. Computed, never ticked."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from django.db.models import TextChoices
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from messaging.inbox.models import Message
from messaging.notices import outcomes
from messaging.sync.gateways import manual
from onboarding import telling
from onboarding.facts import Facts
from persons.models import EServiceAccount, ProtectionDecision, Wish
from persons.states import SwitchState
from staff.models import User
from web import dates

# Working days, unless something else is said. "Klart senast", not a rule in itself.
AFTER_DECISION = 5
AFTER_EXECUTION = 2
AFTER_USABLE = 2
TO_GET_AN_EID = 10
TO_CORRECT = 1
DAYS_TO_SIGN_IN = 7
DAYS_TO_ASK = 14


class Tag(TextChoices):
    NOT_STARTED = "not-started", gettext_lazy("Inte påbörjad")
    ONGOING = "ongoing", gettext_lazy("Pågår")
    WAITING = "waiting", gettext_lazy("Väntar")
    FIX = "fix", gettext_lazy("Åtgärda")
    LATE = "late", gettext_lazy("Försenad")
    DONE = "done", gettext_lazy("Klar")
    DECLINED = "declined", gettext_lazy("Vill inte")
    NO_EID = "no-eid", gettext_lazy("Saknar e-legitimation")
    PROTECTED = "protected", gettext_lazy("Skyddad")
    ENDED = "ended", gettext_lazy("Avslutad")


class Urgency(IntEnum):
    """The most urgent of what applies is the next step."""

    FIX = 0
    LATE = 1
    TASK = 2
    WAIT = 3
    DONE = 4


@dataclass(frozen=True)
class NextStep:
    text: str
    tag: Tag
    urgency: Urgency
    why: str = ""
    url: str = ""
    # None: the system, or the person.
    responsible: User | None = None
    due_on: date | None = None

    def is_for(self, user: User) -> bool:
        """One's own, or a colleague's who is away."""
        return self.responsible in {user, *user.stands_in_for}


def find(facts: Facts) -> NextStep:
    """The most urgent of what applies, in the order of the checklist."""
    if facts.person.deceased_on:
        return _deceased(facts)
    rules = (
        _protected, _declined, _switch_on, _correct, _tick, _welcome, _sign_in, _relations, _write,
    )  # fmt: skip
    steps = (rule(facts) for rule in rules)
    return min((s for s in steps if s), key=lambda s: s.urgency, default=_done())


def responsible_for_switch(facts: Facts) -> User | None:
    """The case worker until the measure is executed at the support team, then the contact."""
    case = facts.case
    if case.is_executed(on=facts.today) or case.case_worker is None:
        return case.support_contact
    return case.case_worker


def contact(facts: Facts) -> User | None:
    return facts.case.support_contact or facts.case.case_worker


def _deceased(facts: Facts) -> NextStep:
    """Nobody is asked to switch on, to write or to follow up: only to shut what is open."""
    text = _("Personen är avliden")
    if not facts.account.messages_enabled:
        return NextStep(text=text, tag=Tag.ENDED, urgency=Urgency.DONE)
    who = contact(facts)
    return _fix(facts, _("Stäng av e-tjänsten"), facts.today, text, who, page="switch_off")


def _protected(facts: Facts) -> NextStep | None:
    """Until the unit manager's yes holds. Nobody asks for who does not want the e-service."""
    person = facts.person
    if not person.is_protected or not facts.is_barred or _has_declined(facts.account):
        return None
    if decision := person.standing_decision:
        return _decided(facts, decision)
    if asked := person.waiting_request:
        day = dates.in_words(timezone.localtime(asked.asked_at).date(), today=facts.today)
        why = _("%(who)s frågade %(date)s") % {"who": asked.asked_by, "date": day}
        return _shielded(_("Enhetschefen tar ställning till e-tjänsten"), Urgency.WAIT, why)
    text, why = _("Be om beslut om e-tjänsten"), _("Inget kopplas på och inget skickas")
    return _task(facts, text, None, "ask_for_decision", tag=Tag.PROTECTED, why=why)


def _decided(facts: Facts, decision: ProtectionDecision) -> NextStep:
    if decision.allows_e_service:
        day = dates.in_words(decision.valid_from, today=facts.today)
        text = _("Kan kopplas på från och med %(date)s") % {"date": day}
        return _shielded(text, Urgency.WAIT, _("Enhetschefen har sagt ja"), due=decision.valid_from)
    day = dates.in_words(timezone.localtime(decision.decided_at).date(), today=facts.today)
    why = _("Enhetschefen beslutade %(date)s") % {"date": day}
    return _shielded(_("E-tjänsten ska inte kopplas på"), Urgency.DONE, why)


def _shielded(text: str, urgency: Urgency, why: str, *, due: date | None = None) -> NextStep:
    return NextStep(text=text, tag=Tag.PROTECTED, urgency=urgency, why=why, due_on=due)


def _has_declined(account: EServiceAccount) -> bool:
    return account.state == SwitchState.OFF and account.wish in {Wish.NO, Wish.NO_EID}


def _declined(facts: Facts) -> NextStep | None:
    account = facts.account
    if not _has_declined(account):
        return None
    if account.wish == Wish.NO_EID:
        due = dates.add_working_days(account.wish_on or facts.today, TO_GET_AN_EID)
        return _task(facts, _("Hjälp till med e-legitimation"), due, "switch_on", tag=Tag.NO_EID)
    again = account.ask_again_on
    if again and again <= facts.today:
        return _task(facts, _("Fråga igen om e-tjänsten"), again, "switch_on")
    text = _("Fråga igen %(date)s") % {"date": dates.in_words(again)} if again else _("Vill inte")
    return NextStep(text=text, tag=Tag.DECLINED, urgency=Urgency.WAIT, due_on=again)


def _switch_on(facts: Facts) -> NextStep | None:
    account = facts.account
    if account.state not in {SwitchState.OFF, SwitchState.CLOSING} or facts.is_barred:
        return None
    if account.wish in {Wish.NO, Wish.NO_EID}:
        return None
    due, why = _due_on(facts)
    who = responsible_for_switch(facts)
    return _task(facts, _("Koppla på e-tjänsten"), due, "switch_on", why=why, who=who)


def _due_on(facts: Facts) -> tuple[date | None, str]:
    """When step 1 should be done, and what it is counted from."""
    case = facts.case
    if case.executed_on and case.is_executed(on=facts.today):
        due = dates.add_working_days(case.executed_on, AFTER_EXECUTION)
        return due, _("Inte påkopplad när insatsen startade")
    if case.decided_on:
        due = dates.add_working_days(case.decided_on, AFTER_DECISION)
        return due, _("Beslut %(date)s") % {"date": date_format(case.decided_on, "j F")}
    return None, ""


def _correct(facts: Facts) -> NextStep | None:
    """What the night refused, or what did not reach the person."""
    account = facts.account
    if account.is_refused:
        text = _("Rätta uppgiften som stoppade synkningen")
        who = account.switched_on_by or contact(facts)
        return _fix(facts, text, facts.today, account.refusal, who)
    notice = next(iter(facts.to_follow_up), None)
    outcome = outcomes.of(notice) if notice else None
    if notice is None or outcome is None:
        return None
    day = timezone.localtime(notice.settled_at or notice.created_at).date()
    return _fix(
        facts,
        str(outcome.step),
        dates.add_working_days(day, TO_CORRECT),
        f"{outcome.what}, {date_format(day, 'j F')}",
        contact(facts),
        page="change_details",
    )


def _tick(facts: Facts) -> NextStep | None:
    """Where the case system has no interface: the night takes what somebody has ticked there."""
    if not manual.is_awaited(facts.account):
        return None
    day = dates.in_words(facts.next_usable, today=facts.today)
    return NextStep(
        text=_("Ändra rutorna i Lifecare och bekräfta"),
        tag=Tag.NOT_STARTED,
        urgency=Urgency.TASK,
        why=_("Görs det i dag gäller de %(date)s") % {"date": day},
        url=reverse("boxes"),
        responsible=facts.account.switched_on_by or contact(facts),
        due_on=facts.today,
    )


def _welcome(facts: Facts) -> NextStep | None:
    account, welcome = facts.account, facts.welcome
    if not account.messages_enabled or account.state == SwitchState.FAILED:
        return None
    if facts.is_barred or (facts.has_no_date and welcome is None):
        return None
    if welcome is None:
        due = dates.add_working_days(facts.usable_from, AFTER_USABLE)
        why = _("E-tjänsten kan användas från och med %(date)s")
        if account.is_usable and facts.usable_from <= facts.today:
            why = _("E-tjänsten kan användas sedan %(date)s")
        why %= {"date": dates.in_words(facts.usable_from, today=facts.today)}
        return _task(facts, _("Skicka välkomstmeddelande"), due, "welcome", why=why)
    if welcome.state != Message.State.SCHEDULED:
        return None
    elsewhere = welcome.written_elsewhere
    return NextStep(
        text=telling.in_words(facts, elsewhere=elsewhere),
        tag=Tag.WAITING,
        urgency=Urgency.WAIT,
        why=str(_WHY_IT_WAITS[elsewhere]),
        url=_url("welcome", facts),
        due_on=None if facts.has_no_date else timezone.localtime(facts.welcome_moment).date(),
    )


_WHY_IT_WAITS = {
    False: gettext_lazy("Välkomstmeddelandet är schemalagt"),
    True: gettext_lazy("Välkomstmeddelandet är skrivet i Lifecare"),
}


def _sign_in(facts: Facts) -> NextStep | None:
    welcome = facts.welcome
    if not (welcome and welcome.readable_at) or facts.account.first_signed_in_at:
        return None
    if not facts.account.is_usable:
        return None
    due = timezone.localtime(welcome.readable_at).date() + timedelta(days=DAYS_TO_SIGN_IN)
    if due > facts.today:
        return NextStep(
            text=_("Väntar på första inloggning"),
            tag=Tag.WAITING,
            urgency=Urgency.WAIT,
            why=_("Du påminns %(date)s") % {"date": dates.in_words(due, today=facts.today)},
            due_on=due,
        )
    return NextStep(
        text=_("Följ upp: har inte loggat in"),
        tag=Tag.LATE,
        urgency=Urgency.LATE,
        why=_("Välkomstmeddelandet kom %(date)s")
        % {"date": date_format(timezone.localtime(welcome.readable_at), "j F")},
        url=facts.person.get_absolute_url(),
        responsible=contact(facts),
        due_on=due,
    )


def _relations(facts: Facts) -> NextStep | None:
    signed_in = facts.account.first_signed_in_at
    if not signed_in or not facts.account.is_usable or relations_are_answered(facts):
        return None
    if facts.person.is_protected:
        return None
    due = timezone.localtime(signed_in).date() + timedelta(days=DAYS_TO_ASK)
    if facts.ask_again_on:
        due = facts.ask_again_on
    return _task(facts, _("Fråga om relationer"), due, "relations", tag=Tag.ONGOING)


def relations_are_answered(facts: Facts) -> bool:
    """Yes, no, or later while later has not come."""
    if facts.has_relation or facts.relations_answer == "no":
        return True
    return facts.ask_again_on is not None and facts.ask_again_on > facts.today


def _write(facts: Facts) -> NextStep | None:
    """Both have written: the system sees it, nobody ticks it."""
    if not facts.account.first_signed_in_at or not facts.account.is_usable:
        return None
    if facts.person_has_written and facts.office_has_written:
        return None
    due = timezone.localtime(facts.account.first_signed_in_at).date()
    due += timedelta(days=DAYS_TO_ASK)
    return _task(facts, _("Skriv ett första meddelande"), due, "person", tag=Tag.ONGOING)


def _done() -> NextStep:
    return NextStep(text=_("Klar"), tag=Tag.DONE, urgency=Urgency.DONE)


def _task(
    facts: Facts,
    text: str,
    due: date | None,
    page: str,
    *,
    tag: Tag = Tag.NOT_STARTED,
    why: str = "",
    who: User | None = None,
) -> NextStep:
    late = due is not None and due < facts.today
    return NextStep(
        text=text,
        tag=Tag.LATE if late else tag,
        urgency=Urgency.LATE if late else Urgency.TASK,
        why=why,
        url=_url(page, facts),
        responsible=who or contact(facts),
        due_on=due,
    )


def _fix(
    facts: Facts, text: str, due: date, why: str, who: User | None, *, page: str = "switch_on"
) -> NextStep:
    return NextStep(
        text=text,
        tag=Tag.FIX,
        urgency=Urgency.FIX,
        why=why,
        url=_url(page, facts),
        responsible=who,
        due_on=due,
    )


def _url(page: str, facts: Facts) -> str:
    return reverse(page, args=[facts.person.public_id])

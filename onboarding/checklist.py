"""Kom igång: the four steps of the checklist, and the waits between them, as the facts say."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from messaging.inbox import actions as inbox
from messaging.inbox.models import Message
from messaging.notices import outcomes
from messaging.notices.models import Channel, Notice
from messaging.notices.states import NoticeState
from messaging.sync import status
from messaging.sync.gateways import manual
from onboarding import next_step, telling
from onboarding.facts import Facts
from onboarding.next_step import NextStep, Tag
from persons.models import Wish
from persons.states import SwitchState
from relations.models import RelationsAnswer
from web import dates

NOT_YET = "not-yet"


@dataclass(frozen=True)
class Wait:
    """Something that staff wait for, and cannot tick."""

    text: str
    is_done: bool


@dataclass(frozen=True)
class Step:
    number: int
    title: str
    hint: str
    # A tag, or NOT_YET: then the row is no link.
    tag: Tag | str
    url: str = ""
    waits: list[Wait] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        return self.tag == Tag.DONE

    @property
    def status(self) -> str:
        return _("Kan inte göras än") if self.tag == NOT_YET else str(Tag(self.tag).label)


@dataclass(frozen=True)
class Checklist:
    steps: list[Step]
    next: NextStep

    @property
    def done_count(self) -> int:
        return sum(step.is_done for step in self.steps)


def build(facts: Facts) -> Checklist:
    steps = [_switch_on(facts), _welcome(facts), _relations(facts), _daily_use(facts)]
    return Checklist(steps, next_step.find(facts))


def _switch_on(facts: Facts) -> Step:
    account = facts.account
    return Step(
        number=1,
        title=_("Koppla på e-tjänsten"),
        hint=_switch_hint(facts),
        tag=_switch_tag(facts),
        url="" if facts.is_barred else _url("switch_on", facts),
        waits=[_sync_wait(facts)] if account.state != SwitchState.OFF else [],
    )


def _switch_tag(facts: Facts) -> Tag | str:
    if facts.is_barred and (facts.person.is_protected or not facts.account.messages_enabled):
        return NOT_YET
    if facts.account.is_refused:
        return Tag.FIX
    if facts.account.messages_enabled:
        return Tag.DONE
    declined = {Wish.NO: Tag.DECLINED, Wish.NO_EID: Tag.NO_EID}
    return declined.get(Wish(facts.account.wish), Tag.NOT_STARTED)


def _switch_hint(facts: Facts) -> str:
    account = facts.account
    if facts.person.is_protected and facts.is_barred:
        return _("Enhetschefen måste besluta innan e-tjänsten kopplas på.")
    if account.messages_enabled and account.switched_on_at:
        who = account.switched_on_by
        return f"{who}, {dates.moment_in_words(account.switched_on_at)}"
    return _(
        "Görs av handläggaren. Är det inte gjort när insatsen startar gör kontaktpersonen det."
    )


def _sync_wait(facts: Facts) -> Wait:
    account, usable = facts.account, facts.usable_from
    day = dates.in_words(usable, today=facts.today)
    if account.is_refused:
        return Wait(status.refusal_in_words(account), is_done=False)
    if manual.is_awaited(account):
        text = _("Bekräfta att rutorna är ändrade i Lifecare. Görs det i dag gäller de %(date)s")
        later = dates.in_words(facts.next_usable, today=facts.today)
        return Wait(text % {"date": later}, is_done=False)
    if account.state == SwitchState.CLOSING:
        return Wait(_("Avstängd hos oss. Stängs i natt även i e-tjänsten."), is_done=False)
    if account.is_usable and usable <= facts.today:
        return Wait(_("Synkad. Kan användas sedan %(date)s") % {"date": day}, is_done=True)
    return Wait(_("Kan användas från och med %(date)s") % {"date": day}, is_done=account.is_usable)


def _welcome(facts: Facts) -> Step:
    welcome = facts.welcome
    may = inbox.may_be_welcomed(facts.person) and not facts.has_no_date
    open_ = welcome is not None or may
    return Step(
        number=2,
        title=_("Skicka välkomstmeddelande"),
        hint=_welcome_hint(facts),
        tag=_welcome_tag(facts, open_=open_),
        url=_url("welcome", facts) if open_ else "",
        waits=_welcome_waits(facts) if welcome else [],
    )


def _welcome_tag(facts: Facts, *, open_: bool) -> Tag | str:
    if facts.to_follow_up:
        return Tag.FIX
    if facts.welcome_is_sent:
        return Tag.DONE
    if facts.welcome:
        return Tag.WAITING
    return Tag.NOT_STARTED if open_ else NOT_YET


def _welcome_hint(facts: Facts) -> str:
    if facts.welcome and facts.welcome.written_by:
        who, when = facts.welcome.written_by, facts.welcome.created_at
        return f"{who}, {dates.moment_in_words(when)}"
    if manual.is_chosen():
        return _("Skrivs i Lifecare när rutorna där är bekräftade. Texten finns här att kopiera.")
    return _("Går att skriva när e-tjänsten är påkopplad.")


def _welcome_waits(facts: Facts) -> list[Wait]:
    welcome = facts.welcome
    assert welcome is not None  # noqa: S101  # asked by the caller
    elsewhere = welcome.written_elsewhere
    there = [Wait(_("Meddelandet är skrivet i Lifecare"), is_done=True)] if elsewhere else []
    if welcome.state == Message.State.SCHEDULED:
        return [*there, Wait(telling.in_words(facts, elsewhere=elsewhere), is_done=False)]
    signed_in = facts.account.first_signed_in_at
    return [
        *(there or [Wait(_("Meddelandet finns i inkorgen"), is_done=True)]),
        *[notice_wait(notice) for notice in facts.notices],
        Wait(
            _("Loggade in första gången %(moment)s") % {"moment": dates.moment_in_words(signed_in)}
            if signed_in
            else _("Väntar på första inloggning"),
            is_done=signed_in is not None,
        ),
    ]


def notice_wait(notice: Notice) -> Wait:
    """What became of a notice, in plain words, and what to do if it did not arrive."""
    state = NoticeState(notice.state)
    if outcome := outcomes.of(notice):
        return Wait(f"{outcome.what}. {outcome.advice}", is_done=not outcome.is_failure)
    if notice.again_for_id and state == NoticeState.QUEUED:
        return Wait(_again(notice), is_done=False)
    words = _sms_words() if notice.channel == Channel.SMS else _email_words()
    text = words[state]
    if notice.settled_at and state == NoticeState.DELIVERED:
        text += " " + dates.moment_in_words(notice.settled_at)
    return Wait(text, is_done=state in {NoticeState.DELIVERED, NoticeState.SENT})


def _again(notice: Notice) -> str:
    local = timezone.localtime(notice.not_before)
    what = _("sms") if notice.channel == Channel.SMS else _("mejl")
    return _("Vi försöker igen med %(what)s %(date)s kl. %(time)s.") % {
        "what": what, "date": dates.in_words(local.date()), "time": f"{local:%H.%M}",
    }  # fmt: skip


def _sms_words() -> dict[NoticeState, str]:
    return {
        NoticeState.QUEUED: _("Sms:et väntar på att skickas"),
        NoticeState.SENDING: _("Sms:et skickas nu"),
        NoticeState.IN_DOUBT: _("Vi kontrollerar om sms:et skickades"),
        NoticeState.ACCEPTED: _("Sms på väg"),
        NoticeState.SENT: _("Sms på väg"),
        NoticeState.DELIVERED: _("Sms levererat"),
        NoticeState.CANCELLED: _("Sms skickades inte"),
    }


def _email_words() -> dict[NoticeState, str]:
    return {
        NoticeState.QUEUED: _("Mejlet väntar på att skickas"),
        NoticeState.SENDING: _("Mejlet skickas nu"),
        NoticeState.IN_DOUBT: _("Vi kontrollerar om mejlet skickades"),
        NoticeState.ACCEPTED: _("Mejl på väg"),
        NoticeState.SENT: _("Mejl skickat"),
        NoticeState.DELIVERED: _("Mejl levererat"),
        NoticeState.CANCELLED: _("Mejl skickades inte"),
    }


def _relations(facts: Facts) -> Step:
    tag, hint = _relations_answer(facts)
    url = "" if tag == NOT_YET else _url("relations", facts)
    return Step(3, _("Fråga om relationer"), hint, tag, url)


def _relations_answer(facts: Facts) -> tuple[Tag | str, str]:
    optional = _("Frivilligt. Går att aktivera när en utredning har inletts.")
    if not facts.person.may_be_notified:
        return NOT_YET, optional
    if facts.has_relation:
        return Tag.DONE, _("Minst en relation är tillagd.")
    if facts.relations_answer == RelationsAnswer.Answer.NO:
        return Tag.DONE, _("Nej, ingen just nu.")
    if facts.ask_again_on and facts.ask_again_on > facts.today:
        day = dates.in_words(facts.ask_again_on, today=facts.today)
        return Tag.WAITING, _("Fråga igen %(date)s.") % {"date": day}
    return Tag.NOT_STARTED, optional


def _daily_use(facts: Facts) -> Step:
    signed_in = facts.account.first_signed_in_at is not None
    both = facts.person_has_written and facts.office_has_written
    if signed_in and both:
        tag: Tag | str = Tag.DONE
    else:
        tag = Tag.ONGOING if signed_in else NOT_YET
    return Step(
        number=4,
        title=_("Använd e-tjänsten i vardagen"),
        hint=_("Klar när personen har loggat in och ni har skrivit till varandra."),
        tag=tag,
    )


def _url(page: str, facts: Facts) -> str:
    return reverse(page, args=[facts.person.public_id])

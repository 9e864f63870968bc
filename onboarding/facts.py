"""What the checklist is computed from: read in three queries, for one person or for many.

Two more where somebody is protected."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import (
    Exists,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
    prefetch_related_objects,
)
from django.utils import timezone

from messaging.inbox.models import Message
from messaging.notices import addresses, outcomes
from messaging.notices.models import Channel, Notice
from messaging.notices.outcomes import Remedy
from messaging.sync import calendar
from messaging.sync.gateways import manual
from messaging.sync.models import SyncRun
from messaging.wording.kinds import Kind
from persons.models import Case, DecisionRequest, EServiceAccount, Person, ProtectionDecision
from relations.models import Relation, RelationsAnswer
from web import clock


@dataclass(frozen=True)
class Facts:
    """What is known of one person today."""

    case: Case
    now: datetime
    last_done_on: date | None
    # How the latest night went, if there has been one.
    last_night: str | None = None
    welcome: Message | None = None
    notices: list[Notice] = field(default_factory=list)
    has_relation: bool = False
    relations_answer: str | None = None
    ask_again_on: date | None = None
    person_has_written: bool = False
    office_has_written: bool = False
    # Who looks has no part in the case, and sees the person until then.
    opened_until: datetime | None = None

    @property
    def person(self) -> Person:
        return self.case.person

    @property
    def account(self) -> EServiceAccount:
        return self.person.account

    @property
    def is_barred(self) -> bool:
        """The e-service may not be on."""
        return not self.person.may_use_e_service(on=self.today)

    @property
    def today(self) -> date:
        return timezone.localtime(self.now).date()

    @property
    def usable_from(self) -> date:
        """The date that the account has, or the true one that it will get."""
        if self.account.is_usable and self.account.usable_from:
            return self.account.usable_from
        return self.next_usable

    @property
    def next_usable(self) -> date:
        """From when what the next run takes can be used."""
        return calendar.expected_usable_from(now=self.now, last_done_on=self.last_done_on)

    @property
    def has_no_date(self) -> bool:
        """Nobody can say from when it can be used, so no page may."""
        return manual.has_no_date(self.account)

    @property
    def welcome_moment(self) -> datetime:
        return calendar.welcome_moment(self.usable_from, now=self.now)

    @property
    def welcome_is_due(self) -> bool:
        """What is written now goes out at once."""
        return self.account.is_usable and self.welcome_moment <= self.now

    @property
    def welcome_is_sent(self) -> bool:
        """By us, or by somebody in the case system."""
        welcome = self.welcome
        return welcome is not None and bool(welcome.written_elsewhere or welcome.readable_at)

    @property
    def missed(self) -> list[Notice]:
        """Notices that did not arrive, where the person still is and still wants them."""
        chosen = addresses.chosen(self.account)
        tried_again = {notice.again_for_id for notice in self.notices}
        return [
            notice
            for notice in self.notices
            if (outcome := outcomes.of(notice))
            and outcome.is_failure
            and notice.pk not in tried_again
            and notice.address == chosen.get(Channel(notice.channel))
        ]

    @property
    def to_follow_up(self) -> list[Notice]:
        """Those that the contact does something about. Who has signed in has got the message."""
        kinds = {Remedy.CORRECT}
        if not self.account.first_signed_in_at:
            kinds |= {Remedy.ASK, Remedy.TRY_AGAIN}
        return [n for n in self.missed if (found := outcomes.of(n)) and found.remedy in kinds]


def load(cases: QuerySet[Case]) -> list[Facts]:
    """One row of facts per person, whatever the size of the register."""
    known = {case.person_id: case for case in _annotated(cases).order_by("-pk")}
    _read_decisions([case.person for case in known.values() if case.person.is_protected])
    welcomes = {
        message.person_id: message
        for message in Message.objects.welcomes()
        .filter(person__in=known)
        .select_related("written_by")
    }
    notices = _notices(welcomes)
    now = clock.now()
    return [_facts(case, now, welcomes, notices) for case in known.values()]


def _read_decisions(protected: list[Person]) -> None:
    decisions = ProtectionDecision.objects.standing().select_related("decided_by")
    requests = DecisionRequest.objects.filter(answered_at=None).select_related("asked_by")
    prefetch_related_objects(
        protected,
        Prefetch("protection_decisions", decisions),
        Prefetch("decision_requests", requests),
    )


def _annotated(cases: QuerySet[Case]) -> QuerySet[Any]:
    of_person = {"person": OuterRef("person")}
    answers = RelationsAnswer.objects.filter(**of_person).order_by("-at", "-pk")
    letters = Message.objects.filter(kind=Message.Kind.LETTER, **of_person)
    nights = SyncRun.objects.came_through().order_by("-local_date")
    return cases.select_related(
        "person__account__switched_on_by", "unit", "case_worker", "support_contact"
    ).annotate(
        relations_answer=Subquery(answers.values("answer")[:1]),
        ask_again_on=Subquery(answers.values("ask_again_on")[:1]),
        has_relation=Exists(Relation.objects.standing().filter(principal=OuterRef("person"))),
        person_has_written=Exists(letters.filter(from_person=True)),
        office_has_written=Exists(letters.filter(from_person=False)),
        last_done_on=Subquery(nights.values("local_date")[:1]),
        last_night=Subquery(SyncRun.objects.order_by("-local_date").values("state")[:1]),
    )


def _notices(welcomes: dict[int, Message]) -> dict[int, list[Notice]]:
    found: dict[int, list[Notice]] = defaultdict(list)
    persons: Iterable[int] = [p for p, m in welcomes.items() if m.readable_at]
    for notice in Notice.objects.filter(kind=Kind.WELCOME, person__in=persons).order_by("pk"):
        found[notice.person_id].append(notice)
    return found


def _facts(
    case: Any, now: datetime, welcomes: dict[int, Message], notices: dict[int, list[Notice]]
) -> Facts:
    return Facts(
        case=case,
        now=now,
        last_done_on=case.last_done_on,
        last_night=case.last_night,
        welcome=welcomes.get(case.person_id),
        notices=notices.get(case.person_id, []),
        has_relation=case.has_relation,
        relations_answer=case.relations_answer,
        ask_again_on=case.ask_again_on,
        person_has_written=case.person_has_written,
        office_has_written=case.office_has_written,
    )

"""Proof of a mobile number: a test SMS while the person is in the room, and the answer."""

from datetime import timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from messaging.notices import actions, addresses, sms_hours
from messaging.notices.models import Channel, Notice
from messaging.notices.states import NoticeState
from messaging.wording.kinds import Kind
from persons import actions as persons
from persons import permissions
from persons.models import EServiceAccount, NotAllowed, Person, PersonEvent
from staff.models import Municipality, User
from web import clock

APART = timedelta(minutes=1)
PER_HOUR = 5

# What a person's answer is written down as.
_ANSWERS = {"test_sms_received": True, "test_sms_missed": False}
_NOT_LEFT = {NoticeState.QUEUED, NoticeState.CANCELLED}


class Refused(NotAllowed):
    """No test can be sent now. Says in Swedish why."""

    def __init__(self, reason: str) -> None:
        super().__init__("refused")
        self.reason = reason


class Lapsed(NotAllowed):
    """The question was to be answered on the day the test was sent."""


def may_be_tested(account: EServiceAccount) -> bool:
    """Whoever is protected, has died or does not want SMS is sent none, whoever is in the room."""
    return Channel.SMS in addresses.chosen(account)


def obstacle(account: EServiceAccount) -> str:
    """Why no test can be sent now, in words for people. Empty: it can."""
    if not may_be_tested(account):
        return _("Ett test-sms går att skicka när notifiering via SMS är på.")
    if not sms_hours.are_open(clock.now()):
        return closed_in_words()
    now, sent = clock.now(), _tests(account.person)
    if sent.filter(created_at__gt=now - APART).exists():
        return _("Det har inte gått en minut sedan det förra test-sms:et. Vänta lite.")
    if sent.filter(created_at__gt=now - timedelta(hours=1)).count() >= PER_HOUR:
        return _(
            "Det går att skicka högst fem test-sms i timmen till samma person. Vänta en stund."
        )
    return ""


def closed_in_words() -> str:
    """Empty while SMS may leave."""
    municipality = Municipality.load()
    if sms_hours.are_open(clock.now(), municipality):
        return ""
    first, last = sms_hours.in_words(municipality)
    return _("Test-sms går att skicka vardagar kl. %(first)s–%(last)s.") % {
        "first": first,
        "last": last,
    }


@transaction.atomic
def send_test(*, account: EServiceAccount, submission: UUID, by: User) -> None:
    """Queue one before all else. The same submission twice is one SMS. Raises Refused."""
    _require_access(by, account.person)
    account = _locked(account.person)
    about = f"person {account.person_id} {submission}"
    key = actions.dedupe_key(Kind.TEST, about, Channel.SMS)
    if Notice.objects.filter(dedupe_key=key).exists():
        return
    if reason := obstacle(account):
        raise Refused(reason)
    actions.queue(
        kind=Kind.TEST,
        account=account,
        about=about,
        sheet=None,
        by=by,
        urgent=True,
    )
    PersonEvent.objects.create(person=account.person, by=by, kind="test_sms_sent")


@transaction.atomic
def answer(*, test: Notice, received: bool, by: User) -> None:
    """Did the person get it? Said once; a yes is proof of the number.

    Raises Lapsed on another day, and NotAllowed when it has not left, is not the last one, went to
    another number than the person has now, or has got another answer.
    """
    _require_access(by, test.person)
    person = _locked(test.person).person
    given = answer_to(test)
    if given is received:
        return
    if given is not None or not _can_be_answered(test, person):
        raise NotAllowed(f"{test} cannot be answered")
    if has_lapsed(test):
        raise Lapsed(f"{test} was sent on another day")
    if received:
        persons.prove_mobile(person=person, number=test.address, kind="test_sms_received", by=by)
    else:
        PersonEvent.objects.create(person=person, by=by, kind="test_sms_missed")


def latest(person: Person) -> Notice | None:
    return _tests(person).order_by("-pk").first()


def answer_to(test: Notice) -> bool | None:
    """What the person said. None: not asked yet."""
    said = PersonEvent.objects.filter(
        person=test.person_id, kind__in=_ANSWERS, at__gte=test.created_at
    )
    event = said.order_by("pk").first()
    return _ANSWERS[event.kind] if event else None


def has_lapsed(test: Notice) -> bool:
    """A yes is written down as proof of today, from somebody who sat there with the telephone."""
    return timezone.localtime(test.created_at).date() != clock.today()


def _can_be_answered(test: Notice, person: Person) -> bool:
    has_left = test.state not in _NOT_LEFT
    return has_left and test.address == person.mobile_e164 and test == latest(person)


def _tests(person: Person) -> QuerySet[Notice]:
    return Notice.objects.filter(person=person, kind=Kind.TEST)


def _locked(person: Person) -> EServiceAccount:
    """The row of the account is the lock: of two at the same second, one is first."""
    accounts = EServiceAccount.objects.select_for_update(of=("self",)).select_related("person")
    account: EServiceAccount = accounts.get(person=person)
    return account


def _require_access(by: User, person: Person) -> None:
    if not permissions.may_open(by, person):
        raise PermissionDenied

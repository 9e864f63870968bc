"""Queueing a notice: the row is written with what it is about, and the worker is woken."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.crypto import salted_hmac

from messaging.notices import addresses, restoring, tasks, texts
from messaging.notices.models import Channel, Notice
from messaging.notices.states import NoticeState
from messaging.notices.texts import Written
from messaging.sheet.models import SheetVersion
from messaging.wording.kinds import Kind
from persons.models import EServiceAccount, Person
from staff.models import Municipality, User
from web import clock

ONE_AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class News:
    """What a person is to be told of. The same thing twice is one notice for each channel."""

    account: EServiceAccount
    about: str  # for example "message 17"
    sheet: SheetVersion | None
    by: User | None
    # When it came to be: what a restored backup already held may have been told.
    written_at: datetime | None = None


def queue(
    *,
    kind: Kind,
    account: EServiceAccount,
    about: str,
    sheet: SheetVersion | None,
    by: User | None,
    only_new_addresses: bool = False,
    urgent: bool = False,
) -> list[Notice]:
    """Tell one person of one thing: see `queue_all`."""
    news = [News(account, about, sheet, by)]
    return queue_all(kind=kind, news=news, only_new_addresses=only_new_addresses, urgent=urgent)


@transaction.atomic
def queue_all(
    *, kind: Kind, news: list[News], only_new_addresses: bool = False, urgent: bool = False
) -> list[Notice]:
    """Queue one neutral notice for each channel that a person has chosen. One of each person.

    `only_new_addresses` leaves out where the person has been told before.
    `urgent` is what somebody stands and waits for. All else is bundled: an address is told once
    an hour that something has come, and what waits there already tells it.
    """
    municipality, backup, now = Municipality.load(), restoring.last_backup(), clock.now()
    earlier = _Earlier(kind, [one.account.person_id for one in news])

    @cache
    def written(channel: Channel, language: str) -> Written:
        return texts.write(kind, channel, municipality, language)

    notices, bundled = [], set()
    for one in news:
        person = one.account.person
        for channel, address in _where(kind, one.account).items():
            place = (person.pk, address)
            if only_new_addresses and place in earlier.told:
                continue
            if not urgent and place in earlier.waiting:
                bundled.add(place)
                continue
            key = dedupe_key(kind, one.about, channel)
            last = None if urgent else earlier.left.get(place)
            notices.append(
                Notice(
                    dedupe_key=key,
                    ref=_reference(key),
                    kind=kind,
                    channel=channel,
                    person=person,
                    address=address,
                    sheet=one.sheet if channel == Channel.EMAIL else None,
                    created_by=one.by,
                    not_before=last + ONE_AN_HOUR if last else now,
                    urgent=urgent,
                    may_have_left_since=_since(one, backup),
                    **vars(written(channel, person.language)),
                )
            )
    earlier.tell_more(bundled, now)
    if created := _create(notices):
        # On commit: a worker must never look for a row that is not there yet.
        tasks.deliver_due_notices.delay_on_commit()
    return created


class _Earlier:
    """Where these persons have been told something, or are to be. What waits there is locked."""

    def __init__(self, kind: Kind, persons: list[int]) -> None:
        theirs = Notice.objects.filter(person__in=persons)
        told = theirs.filter(kind=kind).exclude(state=NoticeState.CANCELLED)
        self.told = set(told.values_list("person_id", "address"))
        bundled = theirs.filter(urgent=False)
        waiting = bundled.filter(state=NoticeState.QUEUED).select_for_update().order_by("pk")
        self._waiting = list(waiting.values_list("pk", "person_id", "address"))
        self.waiting = {(person, address) for _pk, person, address in self._waiting}
        # What was stopped before it left told nobody anything.
        left = bundled.exclude(started_at=None).values_list("person_id", "address")
        last = left.order_by().annotate(at=Max("started_at"))
        self.left = {(person, address): at for person, address, at in last}

    def tell_more(self, places: set[tuple[int, str]], now: datetime) -> None:
        keys = [pk for pk, person, address in self._waiting if (person, address) in places]
        if keys:
            Notice.objects.filter(pk__in=keys).update(newest_at=now)


def _since(one: News, backup: datetime | None) -> datetime | None:
    return backup if one.written_at and backup and one.written_at <= backup else None


def _create(notices: list[Notice]) -> list[Notice]:
    try:
        with transaction.atomic():
            return _create_new(notices)
    except IntegrityError:  # somebody wrote the same this very moment
        return _create_new(notices)


def _create_new(notices: list[Notice]) -> list[Notice]:
    keys = [notice.dedupe_key for notice in notices]
    known = set(Notice.objects.filter(dedupe_key__in=keys).values_list("dedupe_key", flat=True))
    return Notice.objects.bulk_create(one for one in notices if one.dedupe_key not in known)


def _where(kind: Kind, account: EServiceAccount) -> dict[Channel, str]:
    """Where the person has chosen. A test is of the mobile number alone."""
    chosen = addresses.chosen(account)
    if kind != Kind.TEST:
        return chosen
    return {channel: chosen[channel] for channel in chosen if channel == Channel.SMS}


def dedupe_key(kind: Kind, about: str, channel: Channel) -> str:
    return f"{kind}:{about}:{channel}"


def _reference(key: str) -> UUID:
    """The same for the same thing, also in a restored database, and nobody else can guess it."""
    digest = salted_hmac("messaging.notices", key, algorithm="sha256").digest()
    return UUID(bytes=digest[:16], version=4)


@transaction.atomic
def cancel_waiting(*, person: Person, code: str) -> None:
    """Stop what has not been handed over. What is in flight cannot be called back."""
    for notice in Notice.objects.filter(person=person, state=NoticeState.QUEUED):
        notice.move(NoticeState.CANCELLED, code=code, settled_at=clock.now())

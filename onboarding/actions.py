"""What the checklist composes of the floors below."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from messaging.inbox import actions as inbox
from messaging.inbox.models import Message
from messaging.notices import actions as notices
from messaging.notices.states import NoticeState
from messaging.wording.kinds import Kind
from onboarding import protection
from onboarding.facts import Facts
from persons import actions as persons
from persons import permissions
from persons.actions import Incomplete, PersonDetails, SwitchOn
from persons.models import Case, EServiceAccount, MarkingSource, Protection, Registration
from relations import actions as relations
from relations.models import Relation
from staff.models import User


@transaction.atomic
def register(*, registration: Registration, by: User) -> Registration:
    """Ask for somebody to be registered. The unit's manager needs to ask nobody."""
    asked = persons.register(registration=registration, by=by)
    if asked.answered_at is None and permissions.may_answer(by, asked):
        confirm_registration(registration=asked, by=by)
    return asked


@transaction.atomic
def confirm_registration(*, registration: Registration, by: User) -> Case:
    """Say yes. Anything but a clear no about protection counts, also of somebody known before."""
    case = persons.confirm(registration=registration, by=by)
    if registration.protection != Protection.NONE and not case.person.is_protected:
        protection.mark(
            person=case.person,
            protection=Protection(registration.protection),
            source=MarkingSource.HAND,
            reason=_("Uppgavs när ärendet registrerades"),
            by=by,
        )
    return case


@transaction.atomic
def save_switch(*, facts: Facts, details: SwitchOn, seen_version: int, by: User) -> None:
    """Switch on, or change how the person is reached; then tell again what did not arrive."""
    is_untold = _is_untold(facts)
    persons.switch_on(account=facts.account, details=details, seen_version=seen_version, by=by)
    if is_untold and facts.welcome and facts.welcome.readable_at:
        _tell_again(facts.account, facts.welcome, by=by)


@transaction.atomic
def change_details(*, facts: Facts, details: PersonDetails, seen_version: int, by: User) -> None:
    """Change name, number, address or language; then tell again what did not arrive."""
    if relations.has_contact(facts.person, details.mobile_e164, details.email):
        raise Incomplete([_("Numret eller adressen är en relations. Skriv personens egna.")])
    is_untold = _is_untold(facts)
    persons.change_details(account=facts.account, details=details, seen_version=seen_version, by=by)
    if is_untold and facts.welcome and facts.welcome.readable_at:
        _tell_again(facts.account, facts.welcome, by=by)


def _is_untold(facts: Facts) -> bool:
    """What still waits is cancelled when its turn comes, if the address is another one by then."""
    waiting = [notice for notice in facts.notices if notice.state == NoticeState.QUEUED]
    return bool(facts.missed or waiting)


def _tell_again(account: EServiceAccount, welcome: Message, *, by: User) -> None:
    """Only where the address is another one: the same one has had its notice."""
    notices.queue(
        kind=Kind.WELCOME,
        account=account,
        about=f"message {welcome.pk} version {account.version}",
        sheet=welcome.sheet,
        by=by,
        only_new_addresses=True,
    )


@transaction.atomic
def undo_switch_on(*, facts: Facts, by: User) -> frozenset[str]:
    """Put back what the switch changed, and a welcome that was written meanwhile. Returns the rest.

    What others have changed since is theirs, and stays.
    """
    kept = persons.undo_switch_on(account=facts.account, by=by)
    _stop_welcome(facts, by=by)
    return kept


@transaction.atomic
def switch_off(*, facts: Facts, by: User) -> None:
    """Switch off, and take back a welcome that has not gone out."""
    persons.switch_off(account=facts.account, by=by)
    _stop_welcome(facts, by=by)


@transaction.atomic
def close_case(*, facts: Facts, case: Case, closed_on: date, seen_version: int, by: User) -> None:
    """End a case. The last open one takes with it what the person's cases gave."""
    # The row of the account is the lock: of two last cases closed at once, one sees the other.
    EServiceAccount.objects.select_for_update().get(pk=facts.account.pk)
    facts.account.refresh_from_db()
    others = Case.objects.open().filter(person=facts.person).exclude(pk=case.pk)
    if not others.exists():
        _close_what_cases_gave(facts, by=by)
    persons.close_case(case=case, closed_on=closed_on, seen_version=seen_version, by=by)


def _close_what_cases_gave(facts: Facts, *, by: User) -> None:
    """Before the case itself: the right to do it ends with the case."""
    if facts.account.messages_enabled:
        switch_off(facts=facts, by=by)
    for relation in Relation.objects.of(facts.person).standing():
        relations.close(relation=relation, by=by)


def _stop_welcome(facts: Facts, *, by: User) -> None:
    # Asked again: one may have been written since the facts were read.
    scheduled = Message.objects.welcomes().filter(state=Message.State.SCHEDULED)
    if message := scheduled.filter(person=facts.person).first():
        inbox.stop_welcome(message=message, by=by)

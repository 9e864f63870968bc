"""Who somebody is and how the person is reached, whether the e-service is on or off."""

from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from persons.actions.switch import Incomplete, Outdated, require_access, save
from persons.models import EServiceAccount, NotAllowed, Person, PersonEvent
from persons.states import BY_A_CHANGE, SwitchState
from staff.models import User
from web import clock


@dataclass(frozen=True)
class PersonDetails:
    given_name: str
    family_name: str
    mobile: str
    mobile_e164: str
    email: str
    language: str
    interpreter: str


@transaction.atomic
def change_details(
    *, account: EServiceAccount, details: PersonDetails, seen_version: int, by: User
) -> None:
    """Change what differs. Saving the same thing twice is one change.

    The version is the account's: what the night tells the other side changes through it.
    Raises Incomplete, Outdated, or NotAllowed for a protected person.
    """
    person = account.person
    require_access(by, person)
    if person.is_protected:
        raise NotAllowed(f"{person} is changed only by what protects")
    new = {name: v for name, v in asdict(details).items() if getattr(person, name) != v}
    if not new:
        return
    if account.version != seen_version:
        raise Outdated(f"{account} is at version {account.version}")
    if missing := _missing(account, details):
        raise Incomplete(missing)
    if "mobile_e164" in new:
        new["mobile_confirmed_on"] = clock.today() if details.mobile_e164 else None
    state = SwitchState(account.state)
    is_told = {"mobile_e164", "email"} & new.keys()
    to = BY_A_CHANGE.get(state, state) if is_told else state
    save(account, to, new, kind="details_changed", by=by)


def _missing(account: EServiceAccount, details: PersonDetails) -> list[str]:
    """A channel that is on needs something to send to."""
    missing = []
    if account.notify_by_sms and not details.mobile_e164:
        missing.append(_("Notifiering via SMS är på. Skriv mobilnumret eller stäng av den först."))
    if account.notify_by_email and not details.email:
        missing.append(
            _("Notifiering via e-post är på. Skriv e-postadressen eller stäng av den först.")
        )
    return missing


@transaction.atomic
def confirm_mobile(*, person: Person, number: str, by: User) -> None:
    """The person says that the number is right. Raises NotAllowed when it is another by now."""
    require_access(by, person)
    if person.mobile_confirmed_on != clock.today():
        prove_mobile(person=person, number=number, kind="number_confirmed", by=by)


@transaction.atomic
def prove_mobile(*, person: Person, number: str, kind: str, by: User) -> None:
    """With the event that proves it. Raises NotAllowed when it is another number by now."""
    require_access(by, person)
    old, today = person.mobile_confirmed_on, clock.today()
    same = Person.objects.exclude(mobile_e164="").filter(pk=person.pk, mobile_e164=number)
    if not same.update(mobile_confirmed_on=today):
        raise NotAllowed(f"{person} has another number")
    changes = {"mobile_confirmed_on": [old and old.isoformat(), today.isoformat()]}
    PersonEvent.objects.create(
        person=person, by=by, kind=kind, changes=changes if old != today else {}
    )

"""Opening a person: the one way in, for every page about somebody."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, TextChoices
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onboarding import facts as facts_module
from onboarding.facts import Facts
from onboarding.next_step import NextStep
from persons import access_log
from persons.models import AccessLogEntry, Case, EmergencyAccess, Person
from persons.states import SwitchState
from staff.http import UserRequest
from web import clock, dates

Action = AccessLogEntry.Action


class Hidden(TextChoices):
    """What is hidden on the pages of a protected person, as it stands in an address."""

    IDENTITY = "namn", gettext_lazy("Namn och personnummer")
    MOBILE = "mobil", gettext_lazy("Telefon mobil")
    EMAIL = "epost", gettext_lazy("E-postadress")


def open_person(
    request: UserRequest,
    person_id: UUID,
    action: AccessLogEntry.Action | None = None,
    *,
    reason: str = "",
) -> Facts:
    """The facts of a person whom the user works with, once the look has been logged.

    404, not 403: whether a person is known to us is itself secret.
    """
    cases = Case.objects.visible_to(request.user).filter(person__public_id=person_id)
    found = facts_module.load(cases)
    asked = action or _action(request)
    if not found:
        access_log.record_refused(request, asked, _known(person_id))
        raise Http404
    basis = access_log.record(request, asked, found[0].case, reason=reason)
    if basis == AccessLogEntry.Basis.EMERGENCY:
        return replace(found[0], opened_until=_opened_until(request, found[0].person))
    return found[0]


def _opened_until(request: UserRequest, person: Person) -> datetime | None:
    opened = EmergencyAccess.objects.open(at=clock.now()).filter(user=request.user, person=person)
    until: datetime | None = opened.aggregate(until=Max("open_until"))["until"]
    return until


def _known(person_id: UUID) -> Person | None:
    """For the log alone: whom somebody without a part in the case asked for."""
    return Person.objects.filter(public_id=person_id).first()


def _action(request: UserRequest) -> AccessLogEntry.Action:
    changes = request.method == "POST" and "preview" not in request.POST
    return Action.UPDATE if changes else Action.VIEW


def frame(facts: Facts, *, page: str, next_step: NextStep | None = None) -> dict[str, Any]:
    """What every page about a person shows above its own heading."""
    person = facts.person
    return {
        "facts": facts,
        "person": person,
        "account": facts.account,
        "next": next_step,
        "service": service_line(facts),
        "badges": _badges(person),
        "person_pages": [
            {"label": label, "url": _url(name, person), "current": name == page}
            for name, label in (
                ("person", _("Kom igång")),
                ("cases", _("Ärenden")),
                ("relations", _("Relationer")),
                ("history", _("Historik")),
                ("readers", _("Vem har läst")),
            )
        ],
        "reveal_url": _url("reveal_number", person),
        "reveal_link": reverse("reveal", args=[person.public_id, Hidden.IDENTITY]),
    }


def service_line(facts: Facts) -> str:
    """The state of the e-service as a sentence with a date in it."""
    account = facts.account
    state = SwitchState(account.state)
    if account.messages_enabled and account.is_refused and not account.is_usable:
        if account.is_set_aside:
            return _("E-tjänsten: synkningen gick inte igenom. Uppgiften måste rättas.")
        return _("E-tjänsten: synkningen gick inte igenom. Vi försöker igen i natt.")
    if state == SwitchState.CLOSING or not account.messages_enabled:
        return _("E-tjänsten: inte påkopplad.")
    if facts.has_no_date:
        return _("E-tjänsten: väntar på att rutorna kryssas i i Lifecare.")
    day = dates.in_words(facts.usable_from, today=facts.today)
    if account.is_usable_on(facts.today):
        return _("E-tjänsten: påkopplad. Kan användas sedan %(date)s.") % {"date": day}
    return _("E-tjänsten: påkopplad. Kan användas från och med %(date)s.") % {"date": day}


def _badges(person: Person) -> list[dict[str, str]]:
    """Most serious first."""
    badges = []
    if person.is_protected:
        badges.append({"label": _("Skyddade personuppgifter"), "tone": "protected"})
    if person.deceased_on:
        badges.append({"label": _("Avliden"), "tone": "badge"})
    if person.interpreter:
        badges.append({"label": _("Tolk: %(language)s") % {"language": person.interpreter}})
    return badges


def _url(name: str, person: Person) -> str:
    return reverse(name, args=[person.public_id])

"""What the night did with those whom the user switched on: the first to read in the morning."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from messaging.sync import calendar
from messaging.sync.models import SyncRun
from onboarding.facts import Facts
from persons.models import Person
from persons.states import SwitchState
from staff.models import User
from web import dates

SHOWN = 5


@dataclass(frozen=True)
class News:
    person: Person
    text: str
    is_good: bool


def news(mine: list[Facts], user: User) -> list[News]:
    """Good and bad of last night, the bad first. No more than can be read at once."""
    found = [told for facts in mine if facts.account.switched_on_by == user for told in _of(facts)]
    return sorted(found, key=lambda told: told.is_good)[:SHOWN]


def _of(facts: Facts) -> list[News]:
    account, name = facts.account, facts.person.shown_given_name
    if account.is_refused and account.refused_on == facts.today:
        text = _("%(name)s kan inte använda tjänsten än. %(why)s")
        return [News(facts.person, text % {"name": name, "why": account.refusal}, is_good=False)]
    if account.state == SwitchState.ACTIVE and account.usable_from == facts.today:
        text = _("%(name)s kan använda tjänsten sedan i dag.") % {"name": name}
        return [News(facts.person, text, is_good=True)]
    return []


def failed_night(mine: list[Facts]) -> str:
    """What a night that did not come through means for those who wait. Empty: it did."""
    if not mine or mine[0].last_night not in {SyncRun.State.FAILED, SyncRun.State.STOPPED}:
        return ""
    now, day = mine[0].now, mine[0].next_usable
    moment = calendar.welcome_moment(day, now=now)
    return _(
        "Det är inte ditt fel. Det som väntar kan användas tidigast %(usable)s. "
        "Schemalagda välkomstmeddelanden är flyttade till %(welcome)s."
    ) % {"usable": dates.in_words(day), "welcome": dates.moment_in_words(max(moment, now))}

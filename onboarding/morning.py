"""What the night did with those whom the user switched on: the first to read in the morning."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from messaging.sync import calendar
from messaging.sync.models import SyncRun
from onboarding.facts import Facts
from persons.models import Person
from persons.states import SwitchState
from staff.models import User
from web import dates

SHOWN = 5
NOT_THROUGH = frozenset({SyncRun.State.FAILED, SyncRun.State.STOPPED})


@dataclass(frozen=True)
class News:
    person: Person
    text: str
    is_good: bool


def news(mine: list[Facts], user: User) -> list[News]:
    """Good and bad since the office was last open, the bad first. As much as is read at once."""
    found = [told for facts in mine if facts.account.switched_on_by == user for told in _of(facts)]
    return sorted(found, key=lambda told: told.is_good)[:SHOWN]


def first_day(today: date) -> date:
    """What came on a day off is read on the first morning after it."""
    before = today - timedelta(days=1)
    while not dates.is_working_day(before):
        before -= timedelta(days=1)
    return before + timedelta(days=1)


def _of(facts: Facts) -> list[News]:
    """See also morning_email._news, which asks the same of the table."""
    account, name, since = facts.account, facts.person.shown_given_name, first_day(facts.today)
    if account.is_refused and account.refused_on and account.refused_on >= since:
        text = _("%(name)s kan inte använda tjänsten än. %(why)s")
        return [News(facts.person, text % {"name": name, "why": account.refusal}, is_good=False)]
    usable = account.usable_from
    if account.state == SwitchState.ACTIVE and usable and since <= usable <= facts.today:
        words = {"name": name, "date": dates.in_words(usable, today=facts.today)}
        text = _("%(name)s kan använda tjänsten sedan %(date)s.") % words
        return [News(facts.person, text, is_good=True)]
    return []


def failed_night(mine: list[Facts]) -> str:
    """What a night that did not come through means for those who wait. Empty: it did."""
    if not mine or mine[0].last_night not in NOT_THROUGH:
        return ""
    now, day = mine[0].now, mine[0].next_usable
    moment = calendar.welcome_moment(day, now=now)
    return _(
        "Det är inte ditt fel. Det som väntar kan användas tidigast %(usable)s. "
        "Schemalagda välkomstmeddelanden är flyttade till %(welcome)s."
    ) % {"usable": dates.in_words(day), "welcome": dates.moment_in_words(max(moment, now))}

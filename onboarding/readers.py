"""Vem har läst: who has looked at a person, when, in which role and on what ground, in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onboarding.readers_form import ReadersForm
from persons.models import AccessLogEntry, Person
from staff.models import User

PER_PAGE = 50
Action = AccessLogEntry.Action

# What was opened, by the name of the view. Other looks have the word of their action.
OPENED = {
    "person": gettext_lazy("Öppnade personbilden"),
    "history": gettext_lazy("Läste historiken"),
    "cases": gettext_lazy("Läste ärendena"),
    "relations": gettext_lazy("Läste relationerna"),
    "relation": gettext_lazy("Läste en relation"),
}


@dataclass(frozen=True)
class Reader:
    at: datetime
    who: str
    where: str
    what: str
    basis: str
    reason: str
    refused: bool


def page(
    person: Person, asked: Any, *, now: datetime, only: User | None = None
) -> dict[str, object]:
    """The newest first, a page at a time. `asked`: what the address asks for. `only`: own looks."""
    since = now - timedelta(days=ReadersForm.days(asked))
    looks = AccessLogEntry.objects.about(person, since=since)
    looks = looks.filter(user=only) if only else looks
    form = ReadersForm(asked, users=None if only else _users(looks))
    looks = form.narrow(looks).order_by("-at", "-pk")
    if last := _last_seen(looks, asked.get("fore", "")):
        looks = looks.before(last)
    shown = list(looks.select_related("user", "unit")[: PER_PAGE + 1])
    older = shown[PER_PAGE - 1].pk if len(shown) > PER_PAGE else None
    rows = [in_words(entry) for entry in shown[:PER_PAGE]]
    return {"form": form, "rows": rows, "older": older, "is_first": last is None}


def _users(looks: Any) -> list[User]:
    users = User.objects.filter(pk__in=looks.values("user"))
    return list(users.order_by("first_name", "last_name", "pk"))


def _last_seen(looks: Any, key: str) -> AccessLogEntry | None:
    """Where the page before ended, if it is one of these looks."""
    is_key = key.isascii() and key.isdigit() and len(key) < 19
    found: AccessLogEntry | None = looks.filter(pk=key).first() if is_key else None
    return found


def in_words(entry: AccessLogEntry) -> Reader:
    return Reader(
        at=entry.at,
        who=str(entry.user),
        where=", ".join(
            filter(None, [str(entry.get_role_display()), entry.unit.name if entry.unit else ""])
        ),
        what=_what(entry),
        basis=str(entry.get_basis_display()) if entry.basis else "–",
        reason=entry.reason,
        refused=entry.refused,
    )


def _what(entry: AccessLogEntry) -> str:
    if entry.action == Action.VIEW and entry.view in OPENED:
        return str(OPENED[entry.view])
    if entry.action == Action.LIST:
        return _("Såg personen i en lista")
    return str(entry.get_action_display())

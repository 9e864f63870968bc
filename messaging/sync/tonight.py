"""What the next run will do, before it does it: numbers for administrators, counts for others."""

from dataclasses import dataclass
from itertools import chain

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from messaging.sync import guard
from messaging.sync.guard import SYNCED
from persons.models import SET_ASIDE, Switch
from persons.states import SwitchState
from relations.models import Relation

# As many as a page can show. Those that were refused come first.
SHOWN = 100
REFUSED = Q(state=SwitchState.FAILED) | Q(refused_times__gt=0)
DOES = {
    SwitchState.PENDING: gettext_lazy("Kopplas på"),
    SwitchState.FAILED: gettext_lazy("Kopplas på"),
    SwitchState.PENDING_CHANGE: gettext_lazy("Ändras"),
    SwitchState.CLOSING: gettext_lazy("Stängs av"),
}


@dataclass(frozen=True)
class Line:
    """One row without anything that tells whom it is about."""

    number: str
    what: str
    state: str
    tone: str
    reason: str


def lines() -> list[Line]:
    dirty = chain.from_iterable(
        model._default_manager.dirty().order_by("-refused_times", "pk")[:SHOWN] for model in SYNCED
    )
    rows: list[Switch] = sorted(dirty, key=lambda row: -row.refused_times)
    return [_line(row) for row in rows[:SHOWN]]


def counts() -> list[dict[str, str]]:
    """How many will be switched on, changed and switched off: people, and relations."""
    return [
        {
            "what": str(DOES[state]),
            "persons": str(_due(SYNCED[0], state)),
            "relations": str(_due(SYNCED[1], state)),
        }
        for state in (SwitchState.PENDING, SwitchState.PENDING_CHANGE, SwitchState.CLOSING)
    ]


def _due(model: type[Switch], state: SwitchState) -> int:
    same = [other for other in DOES if DOES[other] == DOES[state]]
    count: int = model._default_manager.due().filter(guard.ready(), state__in=same).count()
    return count


def standing() -> dict[str, int]:
    """How many wait, were refused the last time, and have been set aside."""
    found = [
        model._default_manager.dirty().aggregate(
            all=Count("pk"),
            refused=Count("pk", filter=REFUSED),
            set_aside=Count("pk", filter=SET_ASIDE),
        )
        for model in SYNCED
    ]
    everyone, refused, set_aside = (
        sum(f[name] for f in found) for name in ("all", "refused", "set_aside")
    )
    by_hand = [m._default_manager.due().exclude(REFUSED).exclude(guard.ready()) for m in SYNCED]
    unconfirmed = sum(rows.count() for rows in by_hand) if guard.ready() else 0
    return {
        "by_hand": unconfirmed,
        "waiting": everyone - refused - unconfirmed,
        "refused": refused - set_aside,
        "set_aside": set_aside,
    }


def _line(row: Switch) -> Line:
    what = DOES[SwitchState(row.state)]
    state, tone = _("Väntar"), "waiting"
    if row.is_set_aside:
        state, tone = _("Undanlagd"), "fix"
    elif row.is_refused:
        state, tone = _("Gick inte igenom"), "fix"
    kind = _("Relation") if isinstance(row, Relation) else _("Person")
    return Line(row.sync_number, f"{kind}: {str(what).lower()}", state, tone, row.refusal)

"""How the synchronisation stands, in words for people. Counts only: names are on the list."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from messaging.sync import calendar
from messaging.sync.models import SyncRun
from messaging.sync.run import SYNCED
from persons.states import SwitchState
from web import clock, dates

State = SyncRun.State

EARLIER = 14
# After so long without a run that went through, nobody knows whether the e-service works.
UNKNOWN_AFTER = timedelta(hours=36)
TONES = {
    State.DONE: "plain",
    State.PARTIAL: "fix",
    State.FAILED: "fix",
    State.RUNNING: "active",
}


@dataclass(frozen=True)
class Panel:
    heading: str
    text: str
    tone: str


@dataclass(frozen=True)
class Night:
    run: SyncRun
    result: str
    tone: str

    @property
    def came_through(self) -> str:
        return of_all(self.run)


def page() -> dict[str, Any]:
    now = clock.now()
    runs = list(SyncRun.objects.order_by("-local_date")[: EARLIER + 1])
    last = runs[0] if runs else None
    return {
        "now": now,
        "panel": _panel(last, now),
        "rows": _rows(now),
        "earlier": [
            Night(run, run.get_state_display(), TONES[State(run.state)]) for run in runs[1:]
        ],
    }


def of_all(run: SyncRun) -> str:
    total = run.done_count + run.refused_count
    if not total:
        return _("Ingen väntade")
    words = ngettext("%(done)d av %(total)d person", "%(done)d av %(total)d personer", total)
    return words % {"done": run.done_count, "total": total}


def _panel(last: SyncRun | None, now: datetime) -> Panel:
    if last is None:
        return Panel(_("Ingen synkning har körts ännu"), _next_in_words(now), "info")
    if last.state == State.RUNNING:
        return Panel(_("Synkningen pågår"), _("Ladda om sidan om en stund."), "waiting")
    if _is_unknown(now):
        text = _("Vänta med att skicka. Prata med systemförvaltningen.")
        return Panel(_("Vi vet inte om e-tjänsten fungerar"), text, "fix")
    if last.state == State.FAILED:
        return Panel(_("Nattens synkning gick inte igenom"), _failed_in_words(now), "fix")
    return _finished(last, now)


def _finished(last: SyncRun, now: datetime) -> Panel:
    text = f"{_when(last)} {of_all(last)}."
    if last.local_date < calendar.ledger_date(now):
        return Panel(_("Nattens synkning har inte börjat än"), text, "waiting")
    if last.state == State.DONE:
        heading = _("Synkningen är klar") if last.started_by_id else _("Nattens synkning är klar")
        return Panel(heading, text, "ok")
    heading = ngettext(
        "Nattens synkning gick inte igenom för %(count)d person",
        "Nattens synkning gick inte igenom för %(count)d personer",
        last.refused_count,
    )
    return Panel(heading % {"count": last.refused_count}, text, "fix")


def _is_unknown(now: datetime) -> bool:
    latest = SyncRun.objects.filter(state__in=[State.DONE, State.PARTIAL])
    finished = latest.order_by("-local_date").values_list("finished_at", flat=True).first()
    return finished is not None and finished < now - UNKNOWN_AFTER


def _failed_in_words(now: datetime) -> str:
    day = calendar.expected_usable_from(now=now, last_done_on=calendar.last_done_on())
    return _(
        "Det är inte ditt fel. Vi försöker igen automatiskt. "
        "Det som väntar kan användas tidigast %(date)s."
    ) % {"date": dates.in_words(day)}


def _when(run: SyncRun) -> str:
    words = _("Natten till %(day)s, klar kl. %(time)s.")
    if run.started_by_id:
        words = _("Startad för hand %(day)s, klar kl. %(time)s.")
    finished = timezone.localtime(run.finished_at)
    return words % {"day": _day(run.local_date), "time": f"{finished:%H.%M}"}


def _rows(now: datetime) -> list[dict[str, str]]:
    last_done_on = calendar.last_done_on()
    usable = calendar.expected_usable_from(now=now, last_done_on=last_done_on)
    waiting, refused = _count(failed=False), _count(failed=True)
    return [
        {
            "label": _("Nästa synkning"),
            "value": _next_in_words(now),
            "note": _("Det som sparas nu kan användas från och med %(date)s.")
            % {"date": dates.in_words(usable)},
        },
        {"label": _("Väntar"), "value": _persons(waiting)},
        {
            "label": _("Gick inte igenom"),
            "value": _persons(refused),
            "note": _("Vi försöker igen vid nästa synkning.") if refused else "",
        },
    ]


def _next_in_words(now: datetime) -> str:
    start = calendar.next_run_start(now, last_done_on=calendar.last_done_on())
    if start <= now:
        return _("Så snart som möjligt. Den borde redan ha körts.")
    local = timezone.localtime(start)
    return _("Natten till %(day)s kl. %(time)s.") % {
        "day": _day(local.date()),
        "time": f"{local:%H.%M}",
    }


def _count(*, failed: bool) -> int:
    """Rows that the other side has not been told about, and those that it would not take."""
    dirty = [model._default_manager.dirty() for model in SYNCED]
    of_state = {"state": SwitchState.FAILED}
    return sum((d.filter(**of_state) if failed else d.exclude(**of_state)).count() for d in dirty)


def _persons(count: int) -> str:
    if not count:
        return _("Ingen")
    return ngettext("%(count)d person", "%(count)d personer", count) % {"count": count}


def _day(day: Any) -> str:
    return date_format(day, "l j F")

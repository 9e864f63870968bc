"""How the synchronisation stands, in words for people. Counts only: names are on the list."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from messaging.sync import calendar, guard, tonight
from messaging.sync.models import Comparison, SyncRun
from persons.models import Switch
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
    State.STOPPED: "fix",
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
    nights = SyncRun.objects.select_related("closings_allowed_by").order_by("-local_date")
    runs = list(nights[: EARLIER + 1])
    last = runs[0] if runs else None
    return {
        "now": now,
        "panel": _panel(last, now),
        "rows": _rows(now),
        "tonight": tonight.counts(),
        "asks": last if last and last.state == State.STOPPED else None,
        "decisions": [run for run in runs if run.closings_allowed_by],
        "earlier": [
            Night(run, run.get_state_display(), TONES[State(run.state)]) for run in runs[1:]
        ],
    }


def of_all(run: SyncRun) -> str:
    total = run.total
    if not total:
        return _("Ingen väntade")
    words = ngettext("%(done)d av %(total)d person", "%(done)d av %(total)d personer", total)
    return words % {"done": run.done_count, "total": total}


def refusal_in_words(switch: Switch) -> str:
    """Why it did not go through, and what happens now."""
    words = {"why": switch.refusal, "number": switch.sync_number}
    if switch.is_set_aside:
        return (
            _(
                "Synkningen gick inte igenom. Orsak: %(why)s Vi har försökt fem nätter "
                "och försöker inte igen av oss själva. Rätta uppgiften, eller be "
                "systemförvaltningen synka nummer %(number)s."
            )
            % words
        )
    return _("Synkningen gick inte igenom. Orsak: %(why)s Vi försöker igen i natt.") % words


def _panel(last: SyncRun | None, now: datetime) -> Panel:
    if last is None:
        return Panel(_("Ingen synkning har körts ännu"), _next_in_words(now), "info")
    if last.state == State.RUNNING:
        return Panel(_("Synkningen pågår"), _("Ladda om sidan om en stund."), "waiting")
    if last.state == State.STOPPED:
        return Panel(_("Synkningen väntar på beslut"), _asks_in_words(last), "fix")
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
    return Panel(_("Nattens synkning är delvis klar"), f"{text} {_rest_in_words(last)}", "fix")


def _rest_in_words(run: SyncRun) -> str:
    """Who was left out, and what becomes of them."""
    parts = [
        (run.refused_count, _("%(count)s gick inte igenom och prövas igen i natt.")),
        (
            run.set_aside_count,
            _("%(count)s är undanlagda efter fem nätter och väntar på rättning."),
        ),
        (run.left_count, _("%(count)s har inte fått svar och prövas igen av sig själva.")),
    ]
    return " ".join(words % {"count": count} for count, words in parts if count)


def _asks_in_words(run: SyncRun) -> str:
    if run.closings_allowed == run.closing_count:
        return _("Beslutet är fattat. Synkningen fortsätter inom någon minut.")
    return _(
        "%(count)d skulle stängas av i natt. Det är fler än vanligt, och kan vara ett fel. "
        "Inget synkas förrän en systemförvaltare har svarat."
    ) % {"count": run.closing_count}


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
    usable = calendar.expected_usable_from(now=now, last_done_on=calendar.last_done_on())
    counts = tonight.standing()
    set_aside = counts["set_aside"]
    note = _("De prövas inte igen av sig själva. Rätta uppgiften, eller be systemförvaltningen.")
    rows = [
        {
            "label": _("Nästa synkning"),
            "value": _next_in_words(now),
            "note": _("Det som sparas nu kan användas från och med %(date)s.")
            % {"date": dates.in_words(usable)},
        },
        {"label": _("Väntar"), "value": _persons(counts["waiting"])},
        {
            "label": _("Gick inte igenom"),
            "value": _persons(counts["refused"]),
            "note": _("Vi försöker igen vid nästa synkning.") if counts["refused"] else "",
        },
    ]
    if counts["by_hand"]:
        value = _persons(counts["by_hand"])
        rows.append({"label": _("Väntar på rutor i Lifecare"), "value": value})
    if set_aside:
        rows.append({"label": _("Undanlagda"), "value": _persons(set_aside), "note": note})
    compared = Comparison.objects.exclude(finished_at=None).order_by("-pk").first()
    return [*rows, _compared(compared)] if compared else rows


def _compared(last: Comparison) -> dict[str, str]:
    """Whether the other side held what we say, the last time that everything was looked through."""
    numbers = {"missing": last.missing, "extra": last.extra, "different": last.different}
    value, note = _("Inget skilde."), ""
    if any(numbers.values()):
        words = _("%(missing)d saknas där, %(extra)d finns bara där, %(different)d är olika.")
        value, note = words % numbers, _("Det rättas av sig självt vid nästa synkning.")
    if last.extra > guard.limit():
        note = _("Så många finns bara där att inget har stängts. Prata med e-tjänstens leverantör.")
    label = _("Jämförelse %(day)s") % {"day": _day(timezone.localtime(last.started_at))}
    return {"label": label, "value": value, "note": note}


def _next_in_words(now: datetime) -> str:
    start = calendar.next_run_start(now, last_done_on=calendar.last_done_on())
    if start <= now:
        return _("Så snart som möjligt. Den borde redan ha körts.")
    local = timezone.localtime(start)
    return _("Natten till %(day)s kl. %(time)s.") % {
        "day": _day(local.date()),
        "time": f"{local:%H.%M}",
    }


def _persons(count: int) -> str:
    if not count:
        return _("Ingen")
    return ngettext("%(count)d person", "%(count)d personer", count) % {"count": count}


def _day(day: Any) -> str:
    return date_format(day, "l j F")

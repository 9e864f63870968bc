"""How an import stands, in words. Rows are known by their numbers, people not at all."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from onboarding.imports.models import ImportRun
from onboarding.imports.work import KEPT_ERRORS
from web import dates

State = ImportRun.State

SHOWN_ERRORS = 100
TONES = {
    State.READING: "active",
    State.CHECKING: "active",
    State.CHECKED: "todo",
    State.APPLYING: "active",
    State.APPLIED: "plain",
    State.DISCARDED: "ended",
}


@dataclass(frozen=True)
class Panel:
    heading: str
    text: str
    tone: str


def tone(run: ImportRun) -> str:
    """Of the tag in a list."""
    return "fix" if run.is_interrupted else TONES[State(run.state)]


def page(run: ImportRun) -> dict[str, Any]:
    return {
        "run": run,
        "panel": panel(run),
        "rows": _rows(run),
        "errors": run.errors[:SHOWN_ERRORS],
        "more_errors": len(run.errors) > SHOWN_ERRORS,
        "proceed": _proceed(run),
        "may_discard": _may_discard(run),
        "is_moving": run.state in {State.READING, *run.AT_WORK},
    }


def panel(run: ImportRun) -> Panel:
    if run.is_interrupted:
        text = _("Inget är halvgjort. Kör igen, så fortsätter importen där den slutade.")
        return Panel(_("Avbruten"), text, "fix")
    heading, text, tone = {
        State.READING: (
            _("Filen tas emot"),
            _("Händer inget på några minuter: kasta importen och skicka filen igen."),
            "waiting",
        ),
        State.CHECKING: (
            _("Filen kontrolleras"),
            _("Inget är ändrat i registret än."),
            "waiting",
        ),
        State.CHECKED: (_("Så här blir det"), _before(run), "info"),
        State.APPLYING: (_("Filen läses in"), _progress(run), "waiting"),
        State.APPLIED: (_("Klar"), _after(run), "ok"),
        State.DISCARDED: (_("Kastad"), _discarded(run), "info"),
    }[State(run.state)]
    return Panel(heading, text, tone)


def _before(run: ImportRun) -> str:
    if not run.new_count + run.changed_count + run.marked_count:
        return _("Ingen rad i filen ändrar något.")
    if run.error_count:
        return _("Inget är ändrat än. Rader med fel hoppas över, resten kan läsas in.")
    return _("Inget är ändrat än.")


def _progress(run: ImportRun) -> str:
    return _("%(done)d av %(total)d rader är klara.") % {
        "done": run.done_count,
        "total": run.row_count,
    }


def _after(run: ImportRun) -> str:
    if run.error_count:
        return _("Rader med fel hoppades över. Rätta dem i filen och skicka den igen.")
    return _("Alla rader är inlästa.")


def _discarded(run: ImportRun) -> str:
    if run.applied_by_id:
        return _("Det som hann läsas in är kvar: %(done)d av %(total)d rader.") % {
            "done": run.done_count,
            "total": run.row_count,
        }
    return _("Inget ändrades i registret.")


def _rows(run: ImportRun) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {
            "label": _("Skickades"),
            "value": dates.moment_in_words(run.created_at),
            "note": str(run.created_by),
        },
        {"label": _("Rader i filen"), "value": run.row_count},
    ]
    if run.state not in {State.READING, State.CHECKING}:
        rows += [
            {"label": _("Nya ärenden"), "value": run.new_count},
            {"label": _("Ändrade"), "value": run.changed_count},
            {"label": _("Oförändrade"), "value": run.unchanged_count},
            {"label": _("Rader med fel"), "value": run.error_count},
            {
                "label": _("Nya skyddsmarkeringar"),
                "value": run.marked_count,
                "note": _("Läses in även från rader med fel."),
            },
        ]
    if run.applied_by_id:
        rows.append({"label": _("Lästes in av"), "value": str(run.applied_by)})
    return rows


def _proceed(run: ImportRun) -> str:
    """The words of the button, or nothing."""
    if run.is_interrupted:
        return _("Kör igen")
    changes = run.new_count + run.changed_count + run.marked_count
    return _("Läs in i registret") if run.state == State.CHECKED and changes else ""


def _may_discard(run: ImportRun) -> bool:
    return run.state in {State.READING, State.CHECKED} or run.is_interrupted


def errors_for_a_spreadsheet(run: ImportRun) -> list[list[object]]:
    rows: list[list[object]] = [[_("rad"), _("kolumn"), _("fel")], *run.errors]
    if run.error_count > KEPT_ERRORS:
        rows.append(["", "", _("Fler rader har fel. Rätta de här först.")])
    return rows

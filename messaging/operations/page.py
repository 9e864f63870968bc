"""The figures in words for people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from messaging.notices.handing_over import EMAIL
from messaging.notices.models import GatewayState
from messaging.operations import figures
from messaging.sync.models import SyncRun
from web import dates


@dataclass(frozen=True)
class ChannelRow:
    state: GatewayState

    @property
    def name(self) -> str:
        return _("Mejl") if self.state.gateway == EMAIL else self.state.gateway

    @property
    def code(self) -> str:
        """Ours in words; the provider's own as it is, to be looked up with them."""
        ours = {"not_reached": _("Går inte att nå"), "unknown": _("Svarar inte")}
        return ours.get(self.state.code, self.state.code)

    @property
    def words(self) -> str:
        if self.state.stopped_at:
            return _("Har stannat")
        return _("Vilar") if self.state.failures else _("Fungerar")

    @property
    def tone(self) -> str:
        if self.state.stopped_at:
            return "fix"
        return "waiting" if self.state.failures else "plain"


def context(now: datetime) -> dict[str, Any]:
    read = figures.read(now)
    return {
        "now": now,
        "alarms": figures.alarms(read),
        "rows": _rows(read),
        "channels": [ChannelRow(state) for state in GatewayState.objects.order_by("gateway")],
    }


def _rows(read: figures.Figures) -> list[dict[str, Any]]:
    night = SyncRun.objects.order_by("-local_date").first()
    ran = night and night.finished_at
    return [
        _row(_("Väntar på att skickas"), read.waiting, _since(read.oldest_waiting)),
        _row(_("Oklart om de har gått i väg"), read.in_doubt, _since(read.oldest_in_doubt)),
        _row(_("Behöver kontrolleras"), read.needs_human),
        _row(_("Lämnade senaste timmen"), read.handed_over_last_hour),
        _row(_("Lämnade senaste dygnet"), read.handed_over_last_day),
        _row(_("Senaste leveransbesked"), _ago(read.last_report)),
        _row(_("Bakgrundsjobben svarade"), _ago(read.beat)),
        _row(
            _("Nattens synkning"),
            night.get_state_display() if night else _("Har inte körts än"),
            dates.moment_in_words(ran) if ran else "",
        ),
    ]


def _row(label: str, value: object, note: str = "") -> dict[str, Any]:
    return {"label": label, "value": value, "note": note}


def _since(age: float | None) -> str:
    return _("Den äldsta sedan %(age)s") % {"age": _duration(age)} if age is not None else ""


def _ago(age: float | None) -> str:
    return _("För %(age)s sedan") % {"age": _duration(age)} if age is not None else _("Aldrig")


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return _("mindre än en minut")
    if minutes < 120:
        return ngettext("%(n)d minut", "%(n)d minuter", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    if hours < 48:
        return ngettext("%(n)d timme", "%(n)d timmar", hours) % {"n": hours}
    return _("%(n)d dagar") % {"n": round(hours / 24)}

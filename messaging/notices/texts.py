"""The locked, neutral texts. No name, no unit, no link, no case: only that something has come."""

from dataclasses import dataclass

from django.template.loader import render_to_string

from messaging.notices.models import Channel, Kind
from staff.models import Municipality


@dataclass(frozen=True)
class Written:
    sender: str
    subject: str
    text: str
    html: str


def write(kind: Kind, channel: Channel, municipality: Municipality) -> Written:
    """Render what will leave the house, to be frozen in the notice or shown as a preview."""
    if channel == Channel.SMS:
        return Written(municipality.sender_name, "", _render("sms", kind, "txt", municipality), "")
    return Written(
        sender=municipality.name,
        subject=_render("email", kind, "subject", municipality),
        text=_render("email", kind, "txt", municipality) + "\n",
        html=_render("email", kind, "html", municipality),
    )


def _render(folder: str, kind: Kind, ending: str, municipality: Municipality) -> str:
    template = f"notices/{folder}/{kind}.{ending}"
    return render_to_string(template, {"municipality": municipality}).strip()

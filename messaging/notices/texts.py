"""What will leave the house: neutral words, in the language of whom they are for."""

import re
from dataclasses import dataclass

from django.template.loader import render_to_string

from messaging.notices.models import Channel
from messaging.wording import in_use, variables
from messaging.wording.kinds import Kind
from messaging.wording.models import Text
from staff.models import Municipality
from web import languages


@dataclass(frozen=True)
class Written:
    sender: str
    subject: str
    text: str
    html: str


def write(
    kind: Kind,
    channel: Channel,
    municipality: Municipality,
    language: str = languages.SWEDISH,
    **values: str,
) -> Written:
    """The published words, to be frozen in the notice or shown as a preview."""
    return render(in_use.find(kind, channel, language), municipality, **values)


def render(text: Text, municipality: Municipality, **values: str) -> Written:
    """The same, of words that may not be published yet."""
    known = variables.of_the_municipality(municipality, text.language) | values
    subject, body = (variables.fill(part, known) for part in (text.subject, text.body))
    if text.medium == Channel.SMS:
        return Written(municipality.sender_name, "", body, "")
    html = _as_html(subject, body, text.language)
    return Written(municipality.name, subject, body + "\n", html)


def _as_html(subject: str, body: str, language: str) -> str:
    """The same words, with numbered lines as a list."""
    parts = []
    for block in re.split(r"\n{2,}", body):
        lines = block.split("\n")
        numbered = [line for line in lines if re.match(r"\d+\. ", line)]
        plain = [line for line in lines if line not in numbered]
        parts.append({"plain": plain, "numbered": [n.partition(" ")[2] for n in numbered]})
    context = {"subject": subject, "parts": parts, "language": languages.named(language)}
    return render_to_string("notices/email.html", context).strip()

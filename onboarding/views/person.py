from typing import Any
from uuid import UUID

from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from onboarding import checklist, history
from onboarding.checklist import Step
from onboarding.facts import Facts
from onboarding.people import frame, open_person
from onboarding.views.start import TONES
from persons.models import AccessLogEntry
from staff.http import UserRequest
from web import dates


@require_safe
def person(request: UserRequest, person_id: UUID) -> TemplateResponse:
    """The personbild: who it is, how the person is reached, and the four steps."""
    return _personbild(request, open_person(request, person_id))


@require_POST
def reveal_number(request: UserRequest, person_id: UUID) -> TemplateResponse:
    """The whole identity number, until the next page. Logged as such."""
    facts = open_person(request, person_id, AccessLogEntry.Action.UNMASK)
    return _personbild(request, facts, revealed=True)


@require_safe
def person_history(request: UserRequest, person_id: UUID) -> TemplateResponse:
    facts = open_person(request, person_id)
    rows = history.of(facts.person, user=request.user)
    context = frame(facts, page="history") | {"rows": rows}
    return TemplateResponse(request, "onboarding/history.html", context)


def _personbild(request: UserRequest, facts: Facts, *, revealed: bool = False) -> TemplateResponse:
    built = checklist.build(facts)
    context = frame(facts, page="person", next_step=built.next) | {
        "revealed": revealed,
        "checklist": built,
        "is_mine": built.next.is_for(request.user),
        "tasks": [_task(step) for step in built.steps],
        "contact_rows": _contact_rows(facts, revealed=revealed),
    }
    return TemplateResponse(request, "onboarding/person.html", context)


def _task(step: Step) -> dict[str, Any]:
    return {
        "title": step.title,
        "url": step.url,
        "hint": step.hint,
        "status": step.status,
        "tone": TONES[step.tag],
        "waits": [
            {
                "text": wait.text,
                "state": "done" if wait.is_done else "waiting",
                "state_label": _("Klart") if wait.is_done else _("Väntar"),
            }
            for wait in step.waits
        ],
    }


def _contact_rows(facts: Facts, *, revealed: bool) -> list[dict[str, str]]:
    account, person = facts.account, facts.person
    hidden = person.is_protected and not revealed
    change = "" if facts.is_barred else reverse("switch_on", args=[person.public_id])
    on = account.messages_enabled
    rows = [
        (_("Meddelande"), _on_since(facts) if on else _("Av"), ""),
        (_("Notifiering via SMS"), _on_or_off(account.notify_by_sms), ""),
        (_("Notifiering via e-post"), _on_or_off(account.notify_by_email), ""),
        (_("Telefon mobil"), _value(person.mobile, hidden=hidden), _("Telefon mobil")),
        (_("E-postadress"), _value(person.email, hidden=hidden), _("E-postadress")),
        (_("Kan någon annan läsa sms eller mejl?"), _risk(facts), ""),
    ]
    return [
        {"label": label, "value": value, "url": change if action else "", "action_for": action}
        for label, value, action in rows
    ]


def _on_since(facts: Facts) -> str:
    at = facts.account.switched_on_at
    return _("På sedan %(moment)s") % {"moment": dates.moment_in_words(at)} if at else _("På")


def _on_or_off(flag: bool) -> str:
    return _("På") if flag else _("Av")


def _value(value: str, *, hidden: bool) -> str:
    if hidden:
        return _("Dolt")
    return value or _("Saknas")


def _risk(facts: Facts) -> str:
    account = facts.account
    shared = {_("sms"): account.sms_read_by_others, _("mejl"): account.email_read_by_others}
    if all(answer is None for answer in shared.values()):
        return _("Inte frågat")
    read = [name for name, answer in shared.items() if answer]
    if not read:
        return _("Nej")
    return _("Ja: %(channels)s") % {"channels": _(" och ").join(read)}

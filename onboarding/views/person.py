from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onboarding import checklist, history
from onboarding.checklist import Step
from onboarding.facts import Facts
from onboarding.people import Hidden, frame, open_person
from onboarding.protection_forms import RevealForm
from onboarding.proving import button as test_sms_button
from onboarding.views.start import TONES
from persons.models import AccessLogEntry, Person
from staff.http import UserRequest
from web import dates, languages

CONFIRMED_FOR = timedelta(days=365)


@require_safe
def person(request: UserRequest, person_id: UUID) -> TemplateResponse:
    """The personbild: who it is, how the person is reached, and the four steps."""
    return personbild(request, open_person(request, person_id))


@require_POST
def reveal_number(request: UserRequest, person_id: UUID) -> HttpResponse:
    """The whole identity number, until the next page. Logged as such."""
    facts = open_person(request, person_id, AccessLogEntry.Action.UNMASK)
    if facts.person.is_protected:
        return redirect("reveal", person_id, Hidden.IDENTITY)
    return personbild(request, facts, revealed=Hidden.IDENTITY)


@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: UserRequest, person_id: UUID, what: str) -> HttpResponse:
    """One hidden thing about a protected person, for a reason, on this one page."""
    if what not in Hidden:
        raise Http404
    form = RevealForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _ask_why(request, person_id, Hidden(what), form)
    why = f"{Hidden(what).label}: {form.cleaned_data['reason']}"
    facts = open_person(request, person_id, AccessLogEntry.Action.UNMASK, reason=why)
    return personbild(request, facts, revealed=Hidden(what))


def _ask_why(request: UserRequest, person_id: UUID, what: Hidden, form: RevealForm) -> HttpResponse:
    facts = open_person(request, person_id, AccessLogEntry.Action.VIEW)
    if not facts.person.is_protected:
        return redirect(facts.person)
    context = frame(facts, page="person") | {"form": form, "what": what.label}
    return render(request, "onboarding/reveal.html", context)


@require_safe
def person_history(request: UserRequest, person_id: UUID) -> TemplateResponse:
    facts = open_person(request, person_id)
    typed = request.GET.get("fore", "")
    before = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None
    rows = history.of(facts.person, user=request.user, before=before)
    more = rows[-1].key if len(rows) == history.LIMIT else None
    context = frame(facts, page="history") | {"rows": rows, "more": more}
    return TemplateResponse(request, "onboarding/history.html", context)


def personbild(
    request: UserRequest, facts: Facts, *, revealed: Hidden | None = None
) -> TemplateResponse:
    built = checklist.build(facts)
    context = frame(facts, page="person", next_step=built.next) | {
        "revealed": revealed == Hidden.IDENTITY,
        "checklist": built,
        "is_mine": built.next.is_for(request.user),
        "tasks": [_task(step) for step in built.steps],
        "ask_about_number": _ask_about_number(facts),
        "number_field": [("number", facts.person.mobile_e164)],
        "test_sms": test_sms_button(facts.account),
        "may_change_details": not facts.person.is_protected,
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


def _contact_rows(facts: Facts, *, revealed: Hidden | None) -> list[dict[str, str]]:
    account, person = facts.account, facts.person
    on = account.messages_enabled
    rows = [
        (_("Meddelande"), _on_since(facts) if on else _("Av")),
        (_("Notifiering via SMS"), _on_or_off(account.notify_by_sms)),
        (_("Notifiering via e-post"), _on_or_off(account.notify_by_email)),
    ]
    return [
        *({"label": label, "value": value} for label, value in rows),
        _contact_row(facts, Hidden.MOBILE, person.mobile, revealed),
        _contact_row(facts, Hidden.EMAIL, person.email, revealed),
        {"label": _("Kan någon annan läsa sms eller mejl?"), "value": _risk(facts)},
        {"label": _("Språk i meddelanden"), "value": _language(person)},
    ]


def _contact_row(facts: Facts, what: Hidden, value: str, revealed: Hidden | None) -> dict[str, str]:
    """With a link to change it, or for a protected person to see it."""
    row = {"label": str(what.label), "value": value or _("Saknas"), "action_for": str(what.label)}
    if facts.person.is_protected:
        if value and what != revealed:
            row |= {"value": _("Dolt"), "action": _("Visa"), "url": _reveal_url(facts, what)}
    elif not facts.is_barred:
        row["url"] = reverse("switch_on", args=[facts.person.public_id])
    return row


def _language(person: Person) -> str:
    language = str(languages.named(person.language).name)
    if not person.interpreter:
        return language
    return _("%(language)s, tolk: %(interpreter)s") % {
        "language": language,
        "interpreter": person.interpreter,
    }


def _reveal_url(facts: Facts, what: Hidden) -> str:
    return reverse("reveal", args=[facts.person.public_id, what])


def _ask_about_number(facts: Facts) -> str:
    """A number that nobody has asked about for a year may be somebody else's by now."""
    person = facts.person
    if not person.mobile_e164 or person.is_protected or person.deceased_on:
        return ""
    day = person.mobile_confirmed_on
    if day is None or facts.today - day <= CONFIRMED_FOR:
        return ""
    words = {"date": date_format(day, "j F Y")}
    return _("Numret bekräftades senast %(date)s. Fråga om det stämmer.") % words


def _on_since(facts: Facts) -> str:
    at = facts.account.switched_on_at
    return _("På sedan %(moment)s") % {"moment": dates.moment_in_words(at)} if at else _("På")


def _on_or_off(flag: bool) -> str:
    return _("På") if flag else _("Av")


def _risk(facts: Facts) -> str:
    account = facts.account
    shared = {_("sms"): account.sms_read_by_others, _("mejl"): account.email_read_by_others}
    if all(answer is None for answer in shared.values()):
        return _("Inte frågat")
    read = [name for name, answer in shared.items() if answer]
    if not read:
        return _("Nej")
    return _("Ja: %(channels)s") % {"channels": _(" och ").join(read)}

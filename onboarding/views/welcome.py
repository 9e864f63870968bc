from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from messaging.inbox import actions, welcome
from messaging.inbox.models import Message
from onboarding import telling
from onboarding.checklist import notice_wait
from onboarding.facts import Facts
from onboarding.forms import WelcomeForm
from onboarding.people import frame, open_person
from onboarding.views import welcome_elsewhere, welcome_preview
from onboarding.views.conflict import last_event, typed_again
from persons.models import NotAllowed
from staff.http import UserRequest
from web import dates
from web.htmx import page_or_partial

ALREADY_SENT = gettext_lazy("Meddelandet är redan skickat. Det skickades en gång.")


@require_http_methods(["GET", "HEAD", "POST"])
def welcome_message(request: UserRequest, person_id: UUID) -> HttpResponse:
    """Step 2: write the welcome, see how it will look, and schedule it."""
    facts = open_person(request, person_id)
    if facts.welcome and facts.welcome_is_sent:
        return _sent(request, facts, facts.welcome)
    if facts.welcome is None and not actions.may_be_welcomed(facts.person):
        messages.info(request, _("Det går att skriva när e-tjänsten är påkopplad."))
        return redirect(facts.person)
    sender = welcome.of_the_sender(request.user)
    if "preview" in request.POST:
        # Nothing is wrong until it is sent.
        return _form_page(request, facts, WelcomeForm(initial=request.POST.dict(), sender=sender))
    form = WelcomeForm(request.POST or None, initial=_initial(request, facts), sender=sender)
    if welcome_elsewhere.is_the_way(facts):
        return welcome_elsewhere.page(request, facts, form)
    if request.method == "POST" and form.is_valid():
        return _save(request, facts, form)
    return _form_page(request, facts, form)


def _save(request: UserRequest, facts: Facts, form: WelcomeForm) -> HttpResponse:
    try:
        _schedule_or_change(request, facts, form)
    except actions.AlreadySent:
        messages.error(request, ALREADY_SENT)
    except NotAllowed:
        return _conflict(request, facts, form)
    else:
        _confirm(request, facts)
    return redirect(facts.person)


def _schedule_or_change(request: UserRequest, facts: Facts, form: WelcomeForm) -> None:
    typed = form.cleaned_data
    text = {"subject": typed["subject"], "body": typed["body"], "by": request.user}
    if facts.welcome and typed["submission"] == facts.welcome.public_id:
        actions.change_welcome(message=facts.welcome, seen_version=typed["version"], **text)
    else:
        actions.schedule_welcome(person=facts.person, submission=typed["submission"], **text)


def _conflict(request: UserRequest, facts: Facts, form: WelcomeForm) -> HttpResponse:
    """Another window wrote, changed or stopped it. Both texts are kept, and the worker chooses."""
    there = Message.objects.welcomes().filter(person=facts.person).first()
    rows = _differences(form, there)
    if there and not rows:
        messages.info(request, _already_text(there))
        return redirect(facts.person)
    now = {
        "submission": there.public_id if there else uuid4(),
        "version": there.version if there else 0,
    }
    context = frame(facts, page="person") | {
        "rows": rows,
        "last": last_event(request, facts),
        "typed": typed_again(request, **now),
    }
    return render(request, "onboarding/conflict.html", context, status=409)


def _differences(form: WelcomeForm, there: Message | None) -> list[dict[str, str]]:
    rows = [
        {
            "label": str(form.fields[name].label),
            "mine": form.cleaned_data[name],
            "theirs": getattr(there, name) if there else _("Stoppat. Inget skickas."),
        }
        for name in ("subject", "body")
    ]
    return [row for row in rows if row["mine"] != row["theirs"]]


def _already_text(message: Message) -> str:
    return _("%(who)s schemalade ett välkomstmeddelande %(moment)s. Det skickas en gång.") % {
        "who": message.written_by,
        "moment": dates.moment_in_words(message.created_at),
    }


@require_POST
def stop_welcome(request: UserRequest, person_id: UUID) -> HttpResponse:
    facts = open_person(request, person_id)
    if facts.welcome is None:
        messages.info(request, _("Välkomstmeddelandet är redan stoppat."))
        return redirect(facts.person)
    try:
        actions.stop_welcome(message=facts.welcome, by=request.user)
    except actions.AlreadySent:
        messages.error(request, _("Meddelandet är redan skickat. Det går inte att stoppa."))
    else:
        messages.success(request, _stopped_text(facts.welcome))
    return redirect(facts.person)


def _stopped_text(message: Message) -> str:
    if message.written_elsewhere:
        return _("Ångrat. Inget sms eller mejl skickas. Meddelandet i Lifecare tar du bort där.")
    return _("Välkomstmeddelandet är stoppat. Inget skickas.")


def _initial(request: UserRequest, facts: Facts) -> dict[str, Any]:
    """The text that is scheduled, or the template filled in."""
    if there := facts.welcome:
        return {
            "subject": there.subject,
            "body": there.body,
            "submission": there.public_id,
            "version": there.version,
        }
    draft = welcome.draft(
        person=facts.person,
        by=request.user,
        read_on=timezone.localtime(facts.welcome_moment).date(),
        language=facts.person.language,
    )
    return {"subject": draft.subject, "body": draft.body}


def _form_page(request: UserRequest, facts: Facts, form: WelcomeForm) -> HttpResponse:
    context = frame(facts, page="person") | welcome_preview.context(facts, form)
    context |= {
        "written": {name: form[name].value() or "" for name in ("subject", "body")},
        "moment": facts.welcome_moment,
        "is_due": facts.welcome_is_due,
        "is_scheduled": facts.welcome is not None,
    }
    return page_or_partial(request, "onboarding/welcome.html", context, partial="preview")


def _sent(request: UserRequest, facts: Facts, message: Message) -> HttpResponse:
    if request.method == "POST":
        if message.written_elsewhere:
            return welcome_elsewhere.already(request, message)
        messages.error(request, ALREADY_SENT)
    context = frame(facts, page="person") | {
        "welcome": message,
        "waits": [notice_wait(notice) for notice in facts.notices],
        "told": telling.in_words(facts, elsewhere=True),
    }
    return render(request, "onboarding/welcome_sent.html", context)


def _confirm(request: UserRequest, facts: Facts) -> None:
    context = {
        "person": facts.person,
        "account": facts.account,
        "moment": facts.welcome_moment,
        "is_due": facts.welcome_is_due,
    }
    text = render_to_string("onboarding/welcome_scheduled.html", context, request)
    messages.success(request, text)

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from messaging.inbox import actions, welcome
from messaging.inbox.models import Message
from messaging.notices import texts
from messaging.notices.models import Channel, Kind
from messaging.sheet import actions as sheet
from messaging.sheet import document
from onboarding.checklist import notice_wait
from onboarding.facts import Facts
from onboarding.forms import WelcomeForm
from onboarding.people import frame, open_person
from persons.models import NotAllowed
from staff.http import UserRequest
from staff.models import Municipality
from web import dates
from web.htmx import page_or_partial


@require_http_methods(["GET", "HEAD", "POST"])
def welcome_message(request: UserRequest, person_id: UUID) -> HttpResponse:
    """Step 2: write the welcome, see how it will look, and schedule it."""
    facts = open_person(request, person_id)
    if facts.welcome and facts.welcome.readable_at:
        return _sent_page(request, facts)
    if facts.welcome is None and not actions.may_be_welcomed(facts.person):
        messages.info(request, _("Det går att skriva när e-tjänsten är påkopplad."))
        return redirect(facts.person)
    form = WelcomeForm(request.POST or None, initial=_initial(request, facts))
    if request.method == "POST" and "preview" not in request.POST and form.is_valid():
        return _save(request, facts, form)
    return _form_page(request, facts, form)


def _save(request: UserRequest, facts: Facts, form: WelcomeForm) -> HttpResponse:
    try:
        _schedule_or_change(request, facts, form)
    except actions.AlreadyWelcomed as error:
        messages.info(request, _already_text(error.message))
    except actions.AlreadySent:
        messages.error(request, _("Meddelandet är redan skickat. Det skickades en gång."))
    except NotAllowed:
        form.add_error(
            None,
            _(
                "Meddelandet har ändrats av någon annan. Din text står kvar här. "
                "Läs den andra texten innan du sparar."
            ),
        )
        return _form_page(request, facts, form)
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
        messages.success(request, _("Välkomstmeddelandet är stoppat. Inget skickas."))
    return redirect(facts.person)


def _initial(request: UserRequest, facts: Facts) -> dict[str, Any]:
    """The text that is scheduled, or the template filled in."""
    if there := facts.welcome:
        return {
            "subject": there.subject,
            "body": there.body,
            "submission": there.public_id,
            "version": there.version,
        }
    return {
        "subject": welcome.SUBJECT,
        "body": welcome.draft(person=facts.person, by=request.user),
    }


def _form_page(request: UserRequest, facts: Facts, form: WelcomeForm) -> HttpResponse:
    municipality = Municipality.load()
    values = {name: form[name].value() or "" for name in ("subject", "body")}
    context = frame(facts, page="person") | {
        "form": form,
        "written": values,
        "sms": texts.write(Kind.WELCOME, Channel.SMS, municipality),
        "email": texts.write(Kind.WELCOME, Channel.EMAIL, municipality),
        "sheet": sheet.current(municipality=municipality),
        "sheet_html": document.fragment("sv", municipality=municipality),
        "moment": facts.welcome_moment,
        "is_due": facts.account.is_usable and facts.welcome_moment <= facts.now,
        "is_scheduled": facts.welcome is not None,
    }
    return page_or_partial(request, "onboarding/welcome.html", context, partial="preview")


def _sent_page(request: UserRequest, facts: Facts) -> HttpResponse:
    context = frame(facts, page="person") | {
        "welcome": facts.welcome,
        "waits": [notice_wait(notice) for notice in facts.notices],
    }
    return render(request, "onboarding/welcome_sent.html", context)


def _confirm(request: UserRequest, facts: Facts) -> None:
    context = {
        "person": facts.person,
        "account": facts.account,
        "moment": facts.welcome_moment,
        "is_due": facts.account.is_usable and facts.welcome_moment <= facts.now,
    }
    text = render_to_string("onboarding/welcome_scheduled.html", context, request)
    messages.success(request, text)

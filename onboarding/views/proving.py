"""Test-sms: sent while the person is in the room, watched, and answered by the person."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from messaging.notices import proving
from onboarding.facts import Facts
from onboarding.people import frame, open_person
from onboarding.proving import button, progress
from persons.models import AccessLogEntry, NotAllowed
from staff.http import UserRequest
from web.forms import Form
from web.htmx import page_or_partial

LAPSED = gettext_lazy(
    "Frågan gäller inte längre: den besvaras samma dag som sms:et skickas. Skicka ett nytt "
    "test-sms när personen är med dig."
)


class SendForm(Form):
    submission = forms.UUIDField()


class AnswerForm(Form):
    test = forms.UUIDField()
    received = forms.ChoiceField(choices=[("yes", ""), ("no", "")])


@require_http_methods(["GET", "HEAD", "POST"])
def test_sms(request: UserRequest, person_id: UUID) -> HttpResponse:
    """Send one, and follow what becomes of it."""
    sends = request.method == "POST"
    facts = open_person(request, person_id, AccessLogEntry.Action.SEND if sends else None)
    if not proving.may_be_tested(facts.account):
        messages.error(request, proving.obstacle(facts.account))
        return redirect(facts.person)
    return _send(request, facts) if sends else _page(request, facts)


def _send(request: UserRequest, facts: Facts) -> HttpResponse:
    form = SendForm(request.POST)
    if form.is_valid():
        submission = form.cleaned_data["submission"]
        try:
            proving.send_test(account=facts.account, submission=submission, by=request.user)
        except proving.Refused as error:
            messages.error(request, error.reason)
    return redirect("test_sms", facts.person.public_id)


def _page(request: UserRequest, facts: Facts) -> TemplateResponse:
    test = proving.latest(facts.person)
    is_current = test is not None and test.address == facts.person.mobile_e164
    context: dict[str, Any] = frame(facts, page="person") | {
        "test": test if is_current else None,
        "progress": progress(test) if test and is_current else None,
        "answer": proving.answer_to(test) if test and is_current else None,
        "lapsed": LAPSED if test and proving.has_lapsed(test) else "",
        "test_sms": button(facts.account),
    }
    return page_or_partial(request, "onboarding/test_sms.html", context, partial="test-status")


@require_POST
def answer_test_sms(request: UserRequest, person_id: UUID) -> HttpResponse:
    """Fick personen sms:et?"""
    facts = open_person(request, person_id)
    form = AnswerForm(request.POST)
    test = proving.latest(facts.person)
    if not form.is_valid() or test is None or test.ref != form.cleaned_data["test"]:
        messages.error(request, _("Svaret gäller ett tidigare test-sms. Fråga igen."))
        return redirect("test_sms", person_id)
    received = form.cleaned_data["received"] == "yes"
    try:
        proving.answer(test=test, received=received, by=request.user)
    except proving.Lapsed:
        messages.error(request, LAPSED)
        return redirect("test_sms", person_id)
    except NotAllowed:
        messages.error(request, _("Det går inte att svara nu. Läs läget och fråga igen."))
        return redirect("test_sms", person_id)
    return _thank(request, facts, received=received)


def _thank(request: UserRequest, facts: Facts, *, received: bool) -> HttpResponse:
    if received:
        messages.success(request, _("Noterat: personen fick sms:et. Numret stämmer."))
        return redirect(facts.person)
    text = _(
        "Noterat: personen fick inte sms:et. Rätta mobilnumret om det är fel. Stämmer det kan du "
        "skicka ett nytt test-sms."
    )
    messages.info(request, text)
    return redirect("change_details", facts.person.public_id)

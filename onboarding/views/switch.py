from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from messaging.notices import texts
from messaging.notices.models import Channel
from messaging.sync.gateways import manual
from messaging.wording.kinds import Kind
from onboarding import actions as onboarding
from onboarding import history_values
from onboarding.facts import Facts
from onboarding.forms import SwitchOnForm
from onboarding.people import frame, open_person, service_line
from onboarding.protection_forms import switch_on_form
from onboarding.proving import button
from onboarding.views.conflict import last_event, typed_again
from persons import actions
from persons.models import NotAllowed, Wish
from persons.states import SwitchState
from staff.http import UserRequest
from staff.models import Municipality
from web import dates


@require_http_methods(["GET", "HEAD", "POST"])
def switch_on(request: UserRequest, person_id: UUID) -> HttpResponse:
    """Step 1: the wish, the three flags, number and address, and who else reads them."""
    facts = open_person(request, person_id)
    if facts.person.is_protected and facts.is_barred:
        return _page(request, facts, "onboarding/protected.html", {})
    form = switch_on_form(request.POST or None, account=facts.account)
    if request.method != "POST" or not form.is_valid() or "back" in request.POST:
        return _form_page(request, facts, form)
    if form.cleaned_data["wish"] != Wish.YES:
        return _decline(request, facts, form)
    warnings = form.warnings()
    if warnings and "confirmed" not in request.POST:
        context = {"warnings": warnings, "typed": typed_again(request)}
        return _page(request, facts, "onboarding/confirm_switch_on.html", context)
    return _switch_on(request, facts, form)


def _switch_on(request: UserRequest, facts: Facts, form: SwitchOnForm) -> HttpResponse:
    was_on = facts.account.messages_enabled
    try:
        onboarding.save_switch(
            facts=facts,
            details=form.details(),
            seen_version=form.cleaned_data["version"],
            by=request.user,
        )
    except actions.Incomplete as error:
        for reason in error.reasons:
            form.add_error(None, reason)
        return _form_page(request, facts, form)
    except NotAllowed:
        return _conflict(request, facts, form)
    _confirm(request, facts, was_on=was_on)
    return redirect(facts.person)


def _decline(request: UserRequest, facts: Facts, form: SwitchOnForm) -> HttpResponse:
    if facts.account.state != SwitchState.OFF:
        form.add_error("wish", _("E-tjänsten är påkopplad. Stäng av den först."))
        return _form_page(request, facts, form)
    try:
        actions.decline(
            account=facts.account,
            wish=Wish(form.cleaned_data["wish"]),
            ask_again_on=form.cleaned_data["ask_again_on"],
            seen_version=form.cleaned_data["version"],
            by=request.user,
        )
    except NotAllowed:
        return _conflict(request, facts, form)
    messages.success(request, _declined_text(facts, form))
    return redirect(facts.person)


def _declined_text(facts: Facts, form: SwitchOnForm) -> str:
    name = facts.person.shown_given_name
    if form.cleaned_data["wish"] == Wish.NO_EID:
        return _("Noterat: %(name)s saknar e-legitimation.") % {"name": name}
    day = dates.in_words(form.cleaned_data["ask_again_on"])
    return _("Noterat: %(name)s vill inte använda e-tjänsten. Du påminns %(date)s.") % {
        "name": name,
        "date": day,
    }


@require_POST
def undo_switch_on(request: UserRequest, person_id: UUID) -> HttpResponse:
    facts = open_person(request, person_id)
    try:
        kept = onboarding.undo_switch_on(facts=facts, by=request.user)
    except NotAllowed:
        messages.error(request, _("Det går inte att ångra längre. Du kan stänga av e-tjänsten."))
    else:
        messages.success(request, _undone_text(kept))
    return redirect(facts.person)


def _undone_text(kept: frozenset[str]) -> str:
    if not kept:
        return _("Påkopplingen är ångrad. Allt är som det var.")
    # The names of the fields, and nothing of what stands in them.
    what = ", ".join(history_values.labels(kept - {"mobile_confirmed_on"}))
    text = _("Påkopplingen är ångrad. Det som har ändrats sedan dess är kvar: %(what)s.")
    return text % {"what": what}


@require_http_methods(["GET", "HEAD", "POST"])
def switch_off(request: UserRequest, person_id: UUID) -> HttpResponse:
    """A stop page first: the person loses the service at once."""
    facts = open_person(request, person_id)
    if request.method != "POST":
        return _page(request, facts, "onboarding/switch_off.html", {})
    try:
        onboarding.switch_off(facts=facts, by=request.user)
    except NotAllowed:
        messages.info(request, _("E-tjänsten är redan avstängd."))
    else:
        messages.success(request, _("E-tjänsten är avstängd. Det gäller direkt."))
    return redirect(facts.person)


def _confirm(request: UserRequest, facts: Facts, *, was_on: bool) -> None:
    facts.account.refresh_from_db()
    context = {
        "person": facts.person,
        "usable_from": facts.usable_from,
        "can_be_undone": facts.account.can_be_undone and not was_on,
        "was_on": was_on,
        "boxes_wait": manual.is_awaited(facts.account),
        "has_no_date": facts.has_no_date,
        "has_welcome": facts.welcome is not None,
        "test_sms": button(facts.account),
    }
    messages.success(request, render_to_string("onboarding/switched_on.html", context, request))


def _conflict(request: UserRequest, facts: Facts, form: SwitchOnForm) -> HttpResponse:
    """Both sides are kept on the page, and the worker chooses."""
    facts.account.refresh_from_db()
    facts.person.refresh_from_db()
    typed = typed_again(request, version=facts.account.version)
    context = {
        "rows": _differences(form, switch_on_form(account=facts.account)),
        "last": last_event(request, facts),
        "typed": typed,
    }
    return _page(request, facts, "onboarding/conflict.html", context, status=409)


def _differences(mine: SwitchOnForm, theirs: SwitchOnForm) -> list[dict[str, str]]:
    names = ("wish", "notify_by_sms", "mobile", "notify_by_email", "email", "read_by_others")
    rows = [
        {
            "label": str(mine.fields[name].label),
            "mine": _shown(mine, name, mine.cleaned_data.get(name)),
            "theirs": _shown(theirs, name, theirs[name].value()),
        }
        for name in names
        if name in mine.fields
    ]
    return [row for row in rows if row["mine"] != row["theirs"]]


def _shown(form: SwitchOnForm, name: str, value: Any) -> str:
    choices = dict(getattr(form.fields[name], "choices", []))
    if value in choices:
        return str(choices[value])
    if isinstance(value, bool):
        return _("På") if value else _("Av")
    return str(value or _("Saknas"))


def _form_page(request: UserRequest, facts: Facts, form: SwitchOnForm) -> HttpResponse:
    language = facts.person.language
    sms = texts.write(Kind.WELCOME, Channel.SMS, Municipality.load(), language)
    context = {
        "form": form,
        "sms": sms,
        "usable_from": facts.usable_from,
        "by_hand": manual.is_chosen(),
        "works_today": facts.account.is_usable_on(facts.today),
    }
    return _page(request, facts, "onboarding/switch_on.html", context)


def _page(
    request: UserRequest, facts: Facts, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    whole = frame(facts, page="person") | {"service": service_line(facts)} | context
    return render(request, template, whole, status=status)

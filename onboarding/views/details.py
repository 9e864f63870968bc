from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from onboarding import actions as onboarding
from onboarding.facts import Facts
from onboarding.people import frame, open_person
from onboarding.proving import button
from onboarding.register_forms import ChangeDetailsForm
from onboarding.views.conflict import conflict_page, differences
from persons import actions
from persons.actions import Incomplete
from persons.models import NotAllowed
from staff.http import UserRequest


@require_http_methods(["GET", "HEAD", "POST"])
def change_details(request: UserRequest, person_id: UUID) -> HttpResponse:
    """Name, number, address, language and interpreter, whether the e-service is on or off."""
    facts = open_person(request, person_id)
    if facts.person.is_protected:
        messages.info(request, _("Uppgifterna ändras inte här. Prata med enhetschefen."))
        return redirect(facts.person)
    form = ChangeDetailsForm(request.POST or None, account=facts.account)
    if request.method != "POST" or not form.is_valid():
        return _page(request, facts, form)
    old_number = facts.person.mobile_e164
    try:
        seen = form.cleaned_data["version"]
        onboarding.change_details(
            facts=facts, details=form.details(), seen_version=seen, by=request.user
        )
    except Incomplete as error:
        for reason in error.reasons:
            form.add_error(None, reason)
        return _page(request, facts, form)
    except NotAllowed:
        facts.account.refresh_from_db()
        facts.person.refresh_from_db()
        rows = differences(form, ChangeDetailsForm(account=facts.account))
        back, version = facts.person.get_absolute_url(), facts.account.version
        return conflict_page(request, facts, rows, version=version, page="person", back=back)
    _confirm(request, facts, has_new_number=facts.person.mobile_e164 != old_number)
    return redirect(facts.person)


def _confirm(request: UserRequest, facts: Facts, *, has_new_number: bool) -> None:
    context = {
        "person": facts.person,
        "test_sms": button(facts.account) if has_new_number else None,
    }
    text = render_to_string("onboarding/details_changed.html", context, request)
    messages.success(request, text)


def _page(request: UserRequest, facts: Facts, form: ChangeDetailsForm) -> HttpResponse:
    context = frame(facts, page="person") | {"form": form}
    return render(request, "onboarding/change_details.html", context)


@require_POST
def confirm_mobile(request: UserRequest, person_id: UUID) -> HttpResponse:
    """Somebody has asked, and the number is still right."""
    facts = open_person(request, person_id)
    number = request.POST.get("number", "")
    try:
        actions.confirm_mobile(person=facts.person, number=number, by=request.user)
    except NotAllowed:
        messages.error(request, _("Numret har ändrats. Läs det nya numret och fråga igen."))
    else:
        messages.success(request, _("Noterat: numret stämmer."))
    return redirect(facts.person)

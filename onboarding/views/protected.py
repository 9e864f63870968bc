"""Protected data, for those who work with the person."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from onboarding import protection
from onboarding.people import frame, open_person
from onboarding.protection_forms import AskForm, MarkForm
from persons.models import MarkingSource, Protection
from staff.http import UserRequest


@require_http_methods(["GET", "HEAD", "POST"])
def mark_protected(request: UserRequest, person_id: UUID) -> HttpResponse:
    """A stop page: everything ends at once, also that the worker sees the person."""
    facts = open_person(request, person_id)
    form = MarkForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        context = frame(facts, page="person") | {"form": form}
        return render(request, "onboarding/mark_protected.html", context)
    protection.mark(
        person=facts.person,
        protection=Protection(form.cleaned_data["protection"]),
        source=MarkingSource.HAND,
        reason=form.cleaned_data["reason"],
        by=request.user,
    )
    messages.success(
        request,
        _(
            "Personen är markerad, och allt är stoppat. Enhetschefen har fått en uppgift: "
            "att bestämma vem som får se personen och ta ställning till e-tjänsten."
        ),
    )
    return redirect("start")


@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_decision(request: UserRequest, person_id: UUID) -> HttpResponse:
    facts = open_person(request, person_id)
    if not facts.person.is_protected:
        return redirect(facts.person)
    form = AskForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        context = frame(facts, page="person") | {"form": form}
        return render(request, "onboarding/ask_for_decision.html", context)
    protection.ask_for_decision(
        person=facts.person, reason=form.cleaned_data["reason"], by=request.user
    )
    messages.success(request, _("Enhetschefen har fått din fråga och tar ställning."))
    return redirect(facts.person)

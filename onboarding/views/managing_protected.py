"""Skyddade personer, for the unit manager: who may see whom, and may the e-service be on."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onboarding import protected_people as people
from onboarding import protection
from onboarding.protected_people import ProtectedPerson, open_protected
from onboarding.protection_forms import DecisionForm, LiftForm, NameForm
from persons import access_log
from persons import permissions as persons_permissions
from persons.actions import named_access
from persons.models import NotAllowed
from staff.http import UserRequest
from staff.models import Membership, User
from web import clock, dates, typed_text


@require_safe
def protected_people(request: UserRequest) -> HttpResponse:
    """Case numbers only: a manager who needs more names herself, with a reason."""
    if not request.user.managed_units():
        raise Http404
    rows = people.of_manager(request.user)
    access_log.record_list(request, [row.person for row in rows])
    return render(request, "onboarding/protected_people.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def protected_person(request: UserRequest, person_id: UUID) -> HttpResponse:
    """What is settled about one of them. A POST names somebody."""
    found = open_protected(request, person_id, reason=_typed_reason(request))
    form = NameForm(request.POST or None, colleagues=_colleagues(found, request.user))
    if request.method != "POST" or not form.is_valid():
        return _page(request, found, form)
    named = form.cleaned_data
    named_access.name(
        person=found.person,
        user=named["user"],
        reason=named["reason"],
        valid_until=named["valid_until"],
        by=request.user,
    )
    words = {"who": named["user"]}
    messages.success(request, _("%(who)s får se personen, om hen har del i ärendet.") % words)
    return redirect("protected_person", person_id)


@require_POST
def name_workers(request: UserRequest, person_id: UUID) -> HttpResponse:
    found = open_protected(request, person_id)
    workers = named_access.name_workers(person=found.person, by=request.user)
    who = ", ".join(str(worker) for worker in workers)
    messages.success(request, _("Får se personen: %(who)s.") % {"who": who})
    return redirect("protected_person", person_id)


@require_POST
def end_named_access(request: UserRequest, person_id: UUID) -> HttpResponse:
    found = open_protected(request, person_id)
    for named in found.named:
        if str(named.user.public_id) == request.POST.get("user"):
            named_access.end(named=named, by=request.user)
            who = {"who": named.user}
            messages.success(request, _("%(who)s ser inte längre personen. Det gäller nu.") % who)
    return redirect("protected_person", person_id)


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: UserRequest, person_id: UUID) -> HttpResponse:
    """May the e-service be on, from when, and why."""
    found = open_protected(request, person_id, reason=_typed_reason(request))
    form = DecisionForm(request.POST or None, initial={"valid_from": clock.today()})
    if request.method != "POST" or not form.is_valid():
        context = {"found": found, "rows": _rows(found), "form": form}
        return render(request, "onboarding/decide.html", context)
    allows = form.cleaned_data["answer"] == "yes"
    protection.decide(
        person=found.person,
        allows=allows,
        valid_from=form.cleaned_data["valid_from"],
        reason=form.cleaned_data["reason"],
        by=request.user,
    )
    context = {"found": found, "allows": allows}
    messages.success(request, render_to_string("onboarding/decided.html", context, request))
    return redirect("protected_person", person_id)


@require_POST
def undo_decision(request: UserRequest, person_id: UUID) -> HttpResponse:
    found = open_protected(request, person_id)
    try:
        protection.undo_decision(person=found.person, by=request.user)
    except NotAllowed:
        messages.error(request, _("Det går inte att ångra längre. Fatta ett nytt beslut."))
    else:
        messages.success(request, _("Beslutet är ångrat. Inget beslut gäller."))
    return redirect("protected_person", person_id)


@require_http_methods(["GET", "HEAD", "POST"])
def lift_protection(request: UserRequest, person_id: UUID) -> HttpResponse:
    """A stop page: everybody with a part in the case sees the person again."""
    found = open_protected(request, person_id, reason=_typed_reason(request))
    form = LiftForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "onboarding/lift_protection.html", {"found": found, "form": form})
    protection.lift(person=found.person, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("Markeringen är hävd för ärende %s.") % found.numbers)
    return redirect("protected_people")


def _typed_reason(request: UserRequest) -> str:
    """What goes into the access log beside the change."""
    return typed_text.seen(request.POST.get("reason", "")[:150])


def _colleagues(found: ProtectedPerson, user: User) -> QuerySet[User]:
    """Those in the units of the cases, those who have the cases, and the manager."""
    here = Membership.objects.current(on=clock.today()).filter(
        unit__in={case.unit_id for case in found.cases}
    )
    workers = named_access.workers_of(found.person)
    asked = Q(pk__in=here.values("user")) | Q(pk__in=[user.pk, *(w.pk for w in workers)])
    return User.objects.filter(asked, is_active=True).order_by("first_name", "last_name", "pk")


def _page(request: UserRequest, found: ProtectedPerson, form: NameForm) -> HttpResponse:
    named = {access.user_id for access in found.named}
    decision, account = found.person.standing_decision, found.person.account
    context = {
        "found": found,
        "form": form,
        "rows": _rows(found),
        "unnamed": [w for w in named_access.workers_of(found.person) if w.pk not in named],
        "may_open": persons_permissions.may_open(request.user, found.person),
        "can_be_undone": decision and protection.can_be_undone(decision, account),
    }
    return render(request, "onboarding/protected_person.html", context)


def _rows(found: ProtectedPerson) -> list[dict[str, str]]:
    decided, asked = found.person.standing_decision, found.person.waiting_request
    rows = [
        {"label": _("Ärende"), "value": found.numbers},
        {"label": _("Markerad"), "value": dates.moment_in_words(found.since)},
        {
            "label": _("E-tjänsten"),
            "value": found.decision,
            "note": f"{decided.decided_by}: {decided.reason}" if decided else "",
        },
    ]
    if asked:
        rows.append({"label": _("Fråga"), "value": asked.reason, "note": found.question})
    return rows

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from onboarding import actions
from onboarding.register_forms import NumberForm, RefusalForm, RegistrationForm
from onboarding.views.cases import add_reasons, day_in_full
from persons import access_log, identity_number, permissions
from persons import actions as persons
from persons.actions import Incomplete
from persons.models import AccessLogEntry, Case, NotAllowed, Person, Registration
from staff.http import UserRequest
from staff.models import Unit
from web import clock

Action = AccessLogEntry.Action
# How long an answer stays on the list of who asked.
KEPT = timedelta(days=30)


@require_http_methods(["GET", "HEAD", "POST"])
def add_person(request: UserRequest) -> HttpResponse:
    """The number first. Whoever is not the user's own is answered as somebody unknown."""
    if not (units := permissions.own_units(request.user)):
        raise Http404
    number = NumberForm(request.POST or None)
    if request.method != "POST" or not number.is_valid():
        return render(request, "registering/number.html", {"form": number})
    found: str = number.cleaned_data["identity_number"]
    mine = Case.objects.visible_to(request.user).filter(person__identity_number=found)
    if case := mine.select_related("person").first():
        access_log.record(request, Action.SEARCH, case)
        messages.info(request, _("Personen finns redan. Du kan registrera ett ärende till här."))
        return redirect("cases", case.person.public_id)
    access_log.record_refused(request, Action.CREATE, _known(found))
    return _details(request, found, units)


def _known(number: str) -> Person | None:
    """For the log alone. It costs the same to find nobody."""
    return Person.objects.filter(identity_number=number).first()


def _details(request: UserRequest, number: str, units: list[Unit]) -> HttpResponse:
    typed = request.POST if "submission" in request.POST else None
    form = RegistrationForm(typed, units=units, by=request.user)
    if not form.is_valid():
        return _details_page(request, number, form)
    try:
        registration = actions.register(registration=form.registration(number), by=request.user)
    except Incomplete as error:
        add_reasons(form, error)
        return _details_page(request, number, form)
    return _receipt(request, registration)


def _details_page(request: UserRequest, number: str, form: RegistrationForm) -> HttpResponse:
    shown = identity_number.shown(number, today=clock.today())
    managed = request.user.managed_units()
    context = {
        "form": form,
        "number": number,
        "shown": shown,
        "asks": any(u.pk not in managed for u in permissions.own_units(request.user)),
    }
    return render(request, "registering/details.html", context)


def _receipt(request: UserRequest, registration: Registration) -> HttpResponse:
    unit = {"unit": registration.unit}
    if registration.case is None:
        messages.success(
            request,
            _(
                "Enhetschefen på %(unit)s har fått frågan. "
                "Personen visas bland dina personer när svaret är ja."
            )
            % unit,
        )
        return redirect("registrations")
    access_log.record(request, Action.CREATE, registration.case)
    messages.success(request, _("Ärendet är registrerat på %(unit)s.") % unit)
    return _to_person(request, registration.case)


def _to_person(request: UserRequest, case: Case) -> HttpResponse:
    """A protected person is not there until somebody has been named."""
    if permissions.may_open(request.user, case.person):
        return redirect(case.person)
    return redirect("registrations")


@require_safe
def registrations(request: UserRequest) -> TemplateResponse:
    """What the user's units are asked, and what came of the user's own questions."""
    if not permissions.own_units(request.user):
        raise Http404
    asked = Registration.objects.select_related("unit", "asked_by", "case__person")
    to_answer = asked.to_answer(request.user).order_by("asked_at", "pk")
    recent = Q(answered_at=None) | Q(answered_at__gte=clock.now() - KEPT)
    own = asked.filter(recent, asked_by=request.user).order_by("-asked_at", "-pk")
    rows = [{"registration": r, "url": _url(request, r)} for r in own]
    access_log.record_list(request, _persons([*to_answer, *own]))
    context = {"to_answer": to_answer, "own": rows}
    return TemplateResponse(request, "registering/registrations.html", context)


def _persons(asked: list[Registration]) -> Any:
    """Those on the list who are known: for the log alone."""
    numbers = {registration.identity_number for registration in asked} - {""}
    return Person.objects.filter(identity_number__in=numbers)


def _url(request: UserRequest, registration: Registration) -> str:
    case = registration.case
    if case is None or not permissions.may_open(request.user, case.person):
        return ""
    return case.person.get_absolute_url()


@require_http_methods(["GET", "HEAD", "POST"])
def registration(request: UserRequest, registration_id: UUID) -> HttpResponse:
    """What was typed. The unit's manager says yes, or no and why."""
    waiting = Registration.objects.to_answer(request.user)
    asked = get_object_or_404(
        waiting.select_related("unit", "asked_by", "case_worker", "support_contact"),
        public_id=registration_id,
    )
    access_log.record_list(request, _persons([asked]))
    form = RefusalForm(request.POST if "refuse" in request.POST else None)
    if request.method == "POST" and ("confirm" in request.POST or form.is_valid()):
        return _answer(request, asked, form)
    context = {"registration": asked, "form": form, "rows": _rows(asked)}
    return render(request, "registering/registration.html", context)


def _answer(request: UserRequest, asked: Registration, form: RefusalForm) -> HttpResponse:
    try:
        if "confirm" not in request.POST:
            reason = form.cleaned_data["refusal"]
            persons.refuse(registration=asked, reason=reason, by=request.user)
            messages.success(request, _("Du har svarat nej. Uppgifterna om personen är borttagna."))
            return redirect("registrations")
        case = actions.confirm_registration(registration=asked, by=request.user)
    except Incomplete as error:
        for reason in error.reasons:
            messages.error(request, reason)
    except NotAllowed:
        messages.info(request, _("Någon annan har redan svarat."))
    else:
        access_log.record(request, Action.CREATE, case)
        messages.success(request, _("Ärendet är registrerat på %(unit)s.") % {"unit": case.unit})
    return redirect("registrations")


def _rows(asked: Registration) -> list[dict[str, str]]:
    today = clock.today()
    protected = _("Ja, eller okänt") if asked.protection != "none" else _("Nej")
    rows = [
        (_("Personnummer"), identity_number.shown(asked.identity_number, today=today)),
        (_("Namn"), f"{asked.given_name} {asked.family_name}"),
        (_("Skyddade personuppgifter"), protected),
        (_("Telefon mobil"), asked.mobile or _("Saknas")),
        (_("E-postadress"), asked.email or _("Saknas")),
        (_("Ärendenummer"), asked.number),
        (_("Enhet"), asked.unit.name),
        (_("Handläggare"), str(asked.case_worker or _("Ingen vald"))),
        (_("Kontaktperson"), str(asked.support_contact or _("Ingen vald"))),
        (_("Utredning inledd"), day_in_full(asked.investigation_opened_on)),
        (_("Beslut"), day_in_full(asked.decided_on)),
        (_("Insatsen verkställd"), day_in_full(asked.executed_on)),
    ]
    return [{"label": label, "value": value} for label, value in rows]

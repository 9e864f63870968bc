from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from onboarding import actions as onboarding
from onboarding.case_forms import CaseForm, CloseCaseForm, NewCaseForm, TransferForm
from onboarding.facts import Facts
from onboarding.people import frame, open_person
from onboarding.views.conflict import conflict_page, differences
from persons import actions, permissions
from persons.actions import Incomplete
from persons.actions.cases import CaseNumberTaken
from persons.models import Case, NotAllowed
from staff.http import UserRequest
from web.forms import Form

CHANGED = gettext_lazy("Ärendet ändrades av någon annan. Läs igenom det och försök igen.")


@require_safe
def cases(request: UserRequest, person_id: UUID) -> TemplateResponse:
    """The cases of the person that the user sees: dates, and whose work they are."""
    facts = open_person(request, person_id)
    found = _visible(request, facts)
    context = frame(facts, page="cases") | {
        "cards": [_card(request, facts, case) for case in found],
        "may_register": bool(_units(request, facts)),
    }
    return TemplateResponse(request, "cases/cases.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_case(request: UserRequest, person_id: UUID) -> HttpResponse:
    """Another case for somebody whom the user works with."""
    facts = open_person(request, person_id)
    if not (units := _units(request, facts)):
        raise Http404
    form = NewCaseForm(request.POST or None, units=units)
    if request.method == "POST" and form.is_valid() and _register(request, facts, form):
        messages.success(request, _("Ärendet är registrerat."))
        return redirect("cases", facts.person.public_id)
    return _form_page(request, facts, form, "cases/add_case.html")


def _register(request: UserRequest, facts: Facts, form: NewCaseForm) -> bool:
    number, unit = form.cleaned_data["number"], form.cleaned_data["unit"]
    try:
        actions.register_case(
            person=facts.person, number=number, unit=unit, details=form.details(), by=request.user
        )
    except Incomplete as error:
        add_reasons(form, error)
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def change_case(request: UserRequest, person_id: UUID, case_id: int) -> HttpResponse:
    """The dates, and for those who may give the case away, whose work it is."""
    facts = open_person(request, person_id)
    case = _get_case(request, facts, case_id, permissions.may_edit_case)
    may_assign = permissions.may_assign_case(request.user, case)
    form = CaseForm(request.POST or None, case=case, may_assign=may_assign)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, facts, form, "cases/change_case.html", case=case)
    try:
        seen = form.cleaned_data["version"]
        actions.change_case(case=case, details=form.details(), seen_version=seen, by=request.user)
    except Incomplete as error:
        add_reasons(form, error)
        return _form_page(request, facts, form, "cases/change_case.html", case=case)
    except NotAllowed:
        case.refresh_from_db()
        now = CaseForm(case=case, may_assign=may_assign)
        rows, back = differences(form, now), reverse("cases", args=[facts.person.public_id])
        return conflict_page(request, facts, rows, version=case.version, page="cases", back=back)
    messages.success(request, _("Ärendet är ändrat."))
    return _after(request, facts)


@require_http_methods(["GET", "HEAD", "POST"])
def transfer_case(request: UserRequest, person_id: UUID, case_id: int) -> HttpResponse:
    """Move the case to another unit. A stop page: it may take the person from who sends it."""
    facts = open_person(request, person_id)
    case = _get_case(request, facts, case_id, permissions.may_assign_case)
    form = TransferForm(request.POST or None, case=case)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, facts, form, "cases/transfer_case.html", case=case)
    try:
        actions.transfer_case(
            case=case,
            unit=form.cleaned_data["unit"],
            case_worker=form.cleaned_data["case_worker"],
            seen_version=form.cleaned_data["version"],
            by=request.user,
        )
    except Incomplete as error:
        add_reasons(form, error)
        return _form_page(request, facts, form, "cases/transfer_case.html", case=case)
    except NotAllowed:
        messages.error(request, CHANGED)
    else:
        unit = {"unit": form.cleaned_data["unit"]}
        messages.success(request, _("Ärendet är flyttat till %(unit)s.") % unit)
    return _after(request, facts)


@require_http_methods(["GET", "HEAD", "POST"])
def close_case(request: UserRequest, person_id: UUID, case_id: int) -> HttpResponse:
    """A stop page that says what closes with the case."""
    facts = open_person(request, person_id)
    case = _get_case(request, facts, case_id, permissions.may_assign_case)
    form = CloseCaseForm(request.POST or None, case=case)
    if request.method != "POST" or not form.is_valid():
        others = _visible(request, facts).exclude(pk=case.pk).exists()
        return _form_page(
            request, facts, form, "cases/close_case.html", case=case, has_others=others
        )
    try:
        onboarding.close_case(
            facts=facts,
            case=case,
            closed_on=form.cleaned_data["closed_on"],
            seen_version=form.cleaned_data["version"],
            by=request.user,
        )
    except NotAllowed:
        messages.error(request, CHANGED)
    else:
        messages.success(request, _("Ärendet är avslutat."))
    return _after(request, facts)


def _after(request: UserRequest, facts: Facts) -> HttpResponse:
    """Back to the cases, or to the start page when the person is no longer the user's."""
    if permissions.may_open(request.user, facts.person):
        return redirect("cases", facts.person.public_id)
    return redirect("start")


def _visible(request: UserRequest, facts: Facts) -> Any:
    mine = Case.objects.visible_to(request.user).filter(person=facts.person)
    return mine.select_related("unit", "case_worker", "support_contact", "person").order_by("pk")


def _get_case(request: UserRequest, facts: Facts, case_id: int, may: Any) -> Case:
    case: Case | None = _visible(request, facts).filter(pk=case_id).first()
    if case is None or not may(request.user, case):
        raise Http404
    return case


def _units(request: UserRequest, facts: Facts) -> list[Any]:
    own = permissions.own_units(request.user)
    return [u for u in own if permissions.may_register_case(request.user, facts.person, u)]


def add_reasons(form: Form, error: Incomplete) -> None:
    field = "number" if isinstance(error, CaseNumberTaken) else None
    for reason in error.reasons:
        form.add_error(field, reason)


def _form_page(
    request: UserRequest, facts: Facts, form: Form, template: str, **more: object
) -> HttpResponse:
    return render(request, template, frame(facts, page="cases") | {"form": form} | more)


def _card(request: UserRequest, facts: Facts, case: Case) -> dict[str, Any]:
    may_edit = permissions.may_edit_case(request.user, case)
    may_assign = permissions.may_assign_case(request.user, case)
    pages = {"change_case": may_edit, "transfer_case": may_assign, "close_case": may_assign}
    urls = {
        name: reverse(name, args=[facts.person.public_id, case.pk])
        for name, may in pages.items()
        if may
    }
    return {"case": case, "rows": _rows(case, facts), **urls}


def _rows(case: Case, facts: Facts) -> list[dict[str, str]]:
    rows = [
        (_("Enhet"), case.unit.name),
        (_("Handläggare"), str(case.case_worker or _("Ingen vald"))),
        (_("Kontaktperson"), str(case.support_contact or _("Ingen vald"))),
        (_("Utredning inledd"), day_in_full(case.investigation_opened_on)),
        (_("Beslut"), day_in_full(case.decided_on)),
        (_("Insatsen verkställd"), day_in_full(case.executed_on)),
        (_("Ansvarar för steg 1"), responsible(case, facts)),
    ]
    return [{"label": label, "value": value} for label, value in rows]


def responsible(case: Case, facts: Facts) -> str:
    """Whose step 1 is, and from when. See also next_step.responsible_for_switch."""
    contact, worker = case.support_contact, case.case_worker
    who = {"worker": worker, "contact": contact, "date": day_in_full(case.executed_on)}
    if case.is_executed(on=facts.today):
        if contact:
            return _("Kontaktpersonen, %(contact)s, sedan insatsen verkställdes %(date)s.") % who
        return _("Insatsen är verkställd, men ingen kontaktperson är vald.")
    if worker is None:
        return _("Ingen handläggare är vald.")
    if case.executed_on and contact:
        return _("Handläggaren, %(worker)s. Kontaktpersonen, %(contact)s, från %(date)s.") % who
    return _("Handläggaren, %(worker)s, tills insatsen verkställs.") % who


def day_in_full(day: date | None) -> str:
    return date_format(day, "j F Y") if day else _("Saknas")

"""What staff type about a case. Forms check input and nothing else."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from persons.actions import CaseDates, CaseDetails
from persons.actions.cases import closed_out_of_order
from persons.models import Case
from staff.models import Role, Unit, User
from staff.permissions import holders
from web import clock
from web.forms import DateField, Form

WORKERS = ("case_worker", "support_contact")


def worker_field(
    label: str, role: Role, *, units: list[Unit] | None = None, keeping: User | None = None
) -> Any:
    """Who has the role today, and whoever has the case already."""
    may = Q(pk__in=holders(role, units=units).values("pk"))
    if keeping:
        may |= Q(pk=keeping.pk)
    return forms.ModelChoiceField(
        label=label,
        queryset=User.objects.filter(may).order_by("first_name", "last_name", "pk"),
        required=False,
        empty_label=_("Ingen vald"),
        error_messages={"invalid_choice": _("Välj någon i listan.")},
    )


class CaseForm(Form):
    """Dates and workers. Without the right to give the case away, the workers are not asked for."""

    investigation_opened_on = DateField(label=gettext_lazy("Utredning inledd"), required=False)
    decided_on = DateField(label=gettext_lazy("Beslut"), required=False)
    executed_on = DateField(
        label=gettext_lazy("Insatsen verkställd"),
        required=False,
        help_text=gettext_lazy(
            "Till exempel 2026-11-23. Från den dagen är det kontaktpersonen som kopplar på."
        ),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, case: Case, may_assign: bool) -> None:
        self.case = case
        super().__init__(data, initial=_known(case))
        if may_assign:
            self.fields["case_worker"] = worker_field(
                _("Handläggare"), Role.CASE_WORKER, units=[case.unit], keeping=case.case_worker
            )
            self.fields["support_contact"] = worker_field(
                _("Kontaktperson"), Role.SUPPORT_CONTACT, keeping=case.support_contact
            )

    def clean(self) -> dict[str, Any]:
        add_date_errors(self)
        return self.cleaned_data

    def details(self) -> CaseDetails:
        data = self.cleaned_data
        workers = {name: data.get(name, getattr(self.case, name)) for name in WORKERS}
        return CaseDetails(**_days(self), **workers)


class NewCaseForm(Form):
    """A case with its number, its unit among the user's own, its dates and its workers."""

    number = forms.CharField(
        label=gettext_lazy("Ärendenummer"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "input--short"}),
        error_messages={
            "required": gettext_lazy("Skriv ärendenumret."),
            "max_length": gettext_lazy("Ärendenumret får ha högst 30 tecken."),
        },
    )
    unit = forms.ModelChoiceField(
        label=gettext_lazy("Enhet"),
        queryset=Unit.objects.none(),
        error_messages={
            "required": gettext_lazy("Välj enhet."),
            "invalid_choice": gettext_lazy("Välj en enhet där du arbetar."),
        },
    )
    investigation_opened_on = DateField(label=gettext_lazy("Utredning inledd"), required=False)
    decided_on = DateField(label=gettext_lazy("Beslut"), required=False)
    executed_on = DateField(label=gettext_lazy("Insatsen verkställd"), required=False)

    def __init__(self, data: Any = None, *, units: list[Unit], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        mine: Any = self.fields["unit"]
        mine.queryset = Unit.objects.filter(pk__in=[unit.pk for unit in units]).order_by("name")
        mine.empty_label = None if len(units) == 1 else _("Välj enhet")
        self.fields["case_worker"] = worker_field(_("Handläggare"), Role.CASE_WORKER, units=units)
        self.fields["support_contact"] = worker_field(_("Kontaktperson"), Role.SUPPORT_CONTACT)

    def clean_number(self) -> str:
        return " ".join(str(self.cleaned_data["number"]).split())

    def clean(self) -> dict[str, Any]:
        add_date_errors(self)
        unit, worker = self.cleaned_data.get("unit"), self.cleaned_data.get("case_worker")
        if unit and worker and not holders(Role.CASE_WORKER, units=[unit]).contains(worker):
            self.add_error(
                "case_worker", _("Handläggaren arbetar inte på enheten i dag. Välj en annan.")
            )
        return self.cleaned_data

    def details(self) -> CaseDetails:
        workers = {name: self.cleaned_data[name] for name in WORKERS}
        return CaseDetails(**_days(self), **workers)


class TransferForm(Form):
    unit = forms.ModelChoiceField(
        label=gettext_lazy("Till vilken enhet?"),
        queryset=Unit.objects.none(),
        empty_label=gettext_lazy("Välj enhet"),
        error_messages={
            "required": gettext_lazy("Välj enhet."),
            "invalid_choice": gettext_lazy("Välj en enhet i listan."),
        },
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, case: Case) -> None:
        super().__init__(data, initial={"version": case.version})
        others: Any = self.fields["unit"]
        others.queryset = Unit.objects.exclude(pk=case.unit_id).order_by("name")
        self.fields["case_worker"] = worker_field(_("Ny handläggare"), Role.CASE_WORKER)
        self.fields["case_worker"].help_text = _(
            "Vet du inte vem, så väljer enhetschefen på den nya enheten."
        )

    def clean(self) -> dict[str, Any]:
        unit, worker = self.cleaned_data.get("unit"), self.cleaned_data.get("case_worker")
        if unit and worker and not holders(Role.CASE_WORKER, units=[unit]).contains(worker):
            self.add_error(
                "case_worker", _("Handläggaren arbetar inte på den enheten. Välj en annan.")
            )
        return self.cleaned_data


class CloseCaseForm(Form):
    closed_on = DateField(
        label=gettext_lazy("Vilken dag avslutas ärendet?"),
        error_messages={"required": gettext_lazy("Skriv vilken dag ärendet avslutas.")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, case: Case) -> None:
        self.case = case
        super().__init__(data, initial={"closed_on": clock.today(), "version": case.version})

    def clean_closed_on(self) -> date:
        day: date = self.cleaned_data["closed_on"]
        if wrong := closed_out_of_order(self.case, day, on=clock.today()):
            raise ValidationError(wrong)
        return day


def add_date_errors(form: Form) -> None:
    if not form.errors.keys() & CaseDates().days().keys():
        for name, text in CaseDates(**_days(form)).out_of_order(on=clock.today()).items():
            form.add_error(name, text)


def _days(form: Form) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in CaseDates().days()}


def _known(case: Case) -> dict[str, Any]:
    workers = {name: worker.pk for name in WORKERS if (worker := getattr(case, name)) is not None}
    days = {name: getattr(case, name) for name in CaseDates().days()}
    return days | workers | {"version": case.version}

"""Mina inställningar: one's own, and who does the work while somebody is away."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from staff import absences
from staff.http import UserRequest
from staff.models import Absence, Membership, User
from staff.settings_forms import AbsenceForm, MySettingsForm
from web import clock


@require_http_methods(["GET", "HEAD", "POST"])
def my_settings(request: UserRequest) -> HttpResponse:
    # A copy: what is typed wrong must not show in the menu.
    user = User.objects.get(pk=request.user.pk)
    form = MySettingsForm(request.POST if request.method == "POST" else None, instance=user)
    if form.is_valid():
        user.save(update_fields=form.Meta.fields)
        messages.success(request, _("Inställningarna är sparade."))
        return redirect("my_settings")
    context = {
        "form": form,
        "memberships": request.user.current_memberships,
        "may_be_away": absences.workers(request.user, on=clock.today()).exists(),
    }
    return TemplateResponse(request, "staff/my_settings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def absence_list(request: UserRequest) -> HttpResponse:
    """Those that the user may register, and a form for one more."""
    today = clock.today()
    workers = absences.workers(request.user, on=today)
    if not workers.exists():
        raise Http404
    form = AbsenceForm(
        *([request.POST] if request.method == "POST" else []),
        workers=workers,
        substitutes=_colleagues(workers),
        today=today,
    )
    form.fields["user"].initial = request.user
    if form.is_valid():
        try:
            absences.register(**form.cleaned_data, by=request.user, today=today)
        except absences.Impossible as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, _("Frånvaron är sparad."))
            return redirect("absences")
    coming = Absence.objects.standing().filter(user__in=workers, valid_until__gte=today)
    context = {
        "form": form,
        "absences": coming.select_related("user", "substitute").order_by("valid_from", "pk"),
    }
    return TemplateResponse(request, "staff/absences.html", context)


def _colleagues(workers: QuerySet[User]) -> QuerySet[User]:
    """Whoever can stand in for any of them; the action asks whether it is the right one."""
    today = clock.today()
    roles = Membership.objects.current(on=today).filter(user__in=workers).values("role")
    held = (
        Membership.objects.current(on=today).filter(role__in=roles).filter(role__in=absences.WORK)
    )
    return absences.by_name(User.objects.filter(memberships__in=held))


@require_POST
def end_absence(request: UserRequest, absence_id: int) -> HttpResponse:
    workers = absences.workers(request.user, on=clock.today())
    absence = get_object_or_404(Absence.objects.filter(user__in=workers), pk=absence_id)
    absences.end(absence=absence, by=request.user, now=clock.now(), today=clock.today())
    messages.success(request, _("Frånvaron är avslutad. Ersättaren har inte längre arbetet."))
    return redirect("absences")

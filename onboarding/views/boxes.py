from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from messaging.sync import calendar
from messaging.sync.gateways import manual
from onboarding import boxes as ticking
from persons import access_log, permissions
from persons.models import AccessLogEntry, NotAllowed
from staff.http import UserRequest
from web import clock, dates


@require_http_methods(["GET", "HEAD", "POST"])
def boxes(request: UserRequest) -> HttpResponse:
    """The boxes to tick in Lifecare for one's own people, to read, print and confirm."""
    if not (manual.is_chosen() and permissions.may_search(request.user)):
        raise Http404
    waiting = ticking.to_tick(request.user)
    if request.method == "POST":
        return _confirm(request, waiting)
    access_log.record_list(request, [boxes.person for boxes in waiting])
    usable = calendar.expected_usable_from(last_done_on=calendar.last_done_on())
    context = {
        "waiting": waiting,
        "columns": ticking.COLUMNS,
        "usable": dates.in_words(usable),
        "now": clock.now(),
    }
    return TemplateResponse(request, "onboarding/boxes.html", context)


def _confirm(request: UserRequest, waiting: list[ticking.Boxes]) -> HttpResponse:
    """One row, or all that were on the page. What has changed since is left on the list."""
    shown = request.POST.getlist("boxes")
    chosen = [boxes for boxes in waiting if boxes.token in shown]
    access_log.record_list(request, [b.person for b in chosen], AccessLogEntry.Action.UPDATE)
    confirmed = sum(_confirm_one(request, boxes) for boxes in chosen)
    if confirmed:
        words = ngettext(
            "%(count)d är bekräftad och synkas i natt.",
            "%(count)d är bekräftade och synkas i natt.",
            confirmed,
        )
        messages.success(request, words % {"count": confirmed})
    if confirmed < len(shown) or not shown:
        text = _("Något på listan har ändrats eller bekräftats av någon annan. Läs den igen.")
        messages.warning(request, text)
    return redirect("boxes")


def _confirm_one(request: UserRequest, boxes: ticking.Boxes) -> bool:
    try:
        ticking.confirm(row=boxes.row, seen_version=boxes.row.version, by=request.user)
    except NotAllowed:
        return False
    return True

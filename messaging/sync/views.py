"""Synkning: what the night did and will do. In the demo also the clock that leads to it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from messaging.sync import calendar, run, status
from messaging.sync.models import SyncRun
from staff import permissions
from staff.http import UserRequest
from web import clock, dates

log = structlog.get_logger(__name__)


@require_safe
def sync_status(request: UserRequest) -> TemplateResponse:
    if not permissions.works_here(request.user):
        raise Http404
    may_run = permissions.may_administer(request.user)
    return TemplateResponse(request, "sync/status.html", status.page() | {"may_run": may_run})


@require_POST
def run_sync(request: UserRequest) -> HttpResponse:
    if not permissions.may_administer(request.user):
        raise Http404
    try:
        this = run.run(by=request.user)
    except run.AlreadyRunning:
        messages.warning(request, _("En synkning pågår redan."))
    except Exception as error:  # whatever the other side did: the ledger has it, the page says so
        log.error("sync by hand failed", error=type(error).__name__)
        messages.error(
            request, _("Synkningen gick inte igenom. Det som väntar är kvar. Försök igen.")
        )
    else:
        level = messages.WARNING if this.refused_count else messages.SUCCESS
        messages.add_message(request, level, _result(this))
    return redirect("sync_status")


def _result(this: SyncRun) -> str:
    total = this.done_count + this.refused_count
    if not total:
        return _("Synkningen är klar. Ingen väntade.")
    return _(
        "Synkningen är klar: %(done)d av %(total)d gick igenom. "
        "De kan användas från och med %(date)s."
    ) % {
        "done": this.done_count,
        "total": total,
        "date": dates.in_words(this.usable_from or clock.today()),
    }


@require_POST
def demo_clock(request: UserRequest) -> HttpResponse:
    """Go to the night or to the morning, and see there what happens by itself."""
    moment_of = MOMENTS.get(request.POST.get("to", ""))
    if not settings.DEMO or moment_of is None:
        raise Http404
    clock.move_to(moment_of(clock.now()))
    return redirect(_back(request))


def next_night(now: datetime) -> datetime:
    today = timezone.localtime(now).date()
    tonight = calendar.night_of(today)
    return tonight if tonight > now else calendar.night_of(today + timedelta(days=1))


def next_morning(now: datetime) -> datetime:
    """The next working day's 09:00, when what is scheduled goes out."""
    today = timezone.localtime(now).date()
    this_morning = calendar.welcome_moment(today, now=now)
    if this_morning > now:
        return this_morning
    return calendar.welcome_moment(today + timedelta(days=1), now=now)


MOMENTS: dict[str, Callable[[datetime], datetime | None]] = {
    "night": next_night,
    "morning": next_morning,
    "real": lambda now: None,
}


def _back(request: UserRequest) -> str:
    """The page that the button was on, if it is one of ours."""
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(referer, allowed_hosts={request.get_host()})
    return referer if ours else "start"

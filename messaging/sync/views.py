"""Synkning: what the night did and will do. In the demo also the clock that leads to it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from messaging.sync import actions, calendar, run, status, tonight
from messaging.sync.models import SyncRun
from persons.models import NotAllowed, Switch
from staff import permissions
from staff.http import UserRequest
from web import clock, dates

log = structlog.get_logger(__name__)

# As long as somebody waits for an answer to a click. Beat goes on with the rest.
TURN = timedelta(seconds=15)


@require_safe
def sync_status(request: UserRequest) -> TemplateResponse:
    if not permissions.works_here(request.user):
        raise Http404
    may_run = permissions.may_administer(request.user)
    context = status.page() | {"may_run": may_run, "lines": tonight.lines() if may_run else []}
    return TemplateResponse(request, "sync/status.html", context)


@require_POST
def run_sync(request: UserRequest) -> HttpResponse:
    if not permissions.may_administer(request.user):
        raise Http404
    try:
        this = run.run(by=request.user, turn=TURN)
    except run.AlreadyRunning:
        messages.warning(request, _("En synkning pågår redan."))
    except Exception as error:  # whatever the other side did: the ledger has it, the page says so
        log.error("sync by hand failed", error=type(error).__name__)
        messages.error(
            request, _("Synkningen gick inte igenom. Det som väntar är kvar. Försök igen.")
        )
    else:
        level = messages.SUCCESS if this.state == SyncRun.State.DONE else messages.WARNING
        messages.add_message(request, level, _result(this))
    return redirect("sync_status")


@require_POST
def allow_closings(request: UserRequest) -> HttpResponse:
    """The answer to a run that has stopped: yes, so many are to be closed."""
    if not permissions.may_administer(request.user):
        raise Http404
    try:
        actions.allow_closings(count=_number_shown(request), by=request.user)
    except NotAllowed:
        messages.warning(request, _("Läget har ändrats. Läs igenom det och svara igen."))
    else:
        messages.success(request, _("Beslutet är sparat. Synkningen fortsätter inom någon minut."))
    return redirect("sync_status")


def _number_shown(request: UserRequest) -> int:
    shown = request.POST.get("count", "")
    return int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 10 else -1


@require_POST
def sync_one(request: UserRequest) -> HttpResponse:
    """Hand over one row now, by the number that a worker has told."""
    if not permissions.may_administer(request.user):
        raise Http404
    switch = actions.numbered(_number_typed(request))
    if switch is None:
        messages.warning(
            request, _("Det finns inget att synka med det numret. Kontrollera numret.")
        )
        return redirect("sync_status")
    was_set_aside = switch.is_set_aside
    level, text = _try_again(request, switch)
    if was_set_aside and actions.numbered(switch.sync_number):
        context = {"text": text, "number": switch.sync_number}
        text = render_to_string("sync/tried_again.html", context, request)
    messages.add_message(request, level, text)
    return redirect("sync_status")


def _try_again(request: UserRequest, switch: Switch) -> tuple[int, str]:
    """What became of it, and how good that is."""
    try:
        tried = actions.try_again(switch=switch, by=request.user)
    except run.AlreadyRunning:
        return messages.WARNING, _("En synkning pågår redan. Numret prövas igen i natt.")
    except NotAllowed:
        return messages.WARNING, _("Det har redan synkats.")
    except Exception as error:  # whatever the other side did: the row waits, the page says so
        log.error("sync of one row failed", error=type(error).__name__)
        return messages.ERROR, _("E-tjänsten svarade inte. Numret prövas igen i natt.")
    return _result_of_one(tried)


@require_POST
def set_aside_again(request: UserRequest) -> HttpResponse:
    """Ångra, after a row that had been set aside is tried again tonight."""
    if not permissions.may_administer(request.user):
        raise Http404
    switch = actions.numbered(_number_typed(request))
    try:
        if switch is None:
            raise NotAllowed
        actions.set_aside_again(switch=switch, by=request.user)
    except NotAllowed:
        messages.warning(request, _("Det går inte att ångra längre. Läget har ändrats."))
    else:
        text = _("Ångrat. %(number)s är undanlagd som förut och prövas inte i natt.")
        messages.success(request, text % {"number": switch.sync_number})
    return redirect("sync_status")


def _number_typed(request: UserRequest) -> str:
    return request.POST.get("number", "").strip().upper()


def _result_of_one(switch: Switch) -> tuple[int, str]:
    words = {"number": switch.sync_number, "why": switch.refusal}
    if switch.version == switch.synced_version:
        return messages.SUCCESS, _("%(number)s är synkad.") % words
    if switch.refusal:
        return messages.WARNING, _("%(number)s gick inte igenom. Orsak: %(why)s") % words
    return messages.WARNING, _("%(number)s har inte fått svar än.") % words


def _result(this: SyncRun) -> str:
    total = this.total
    if this.state == SyncRun.State.STOPPED:
        return _("Synkningen har stannat och väntar på ditt beslut.")
    if this.state == SyncRun.State.RUNNING:
        return _("Synkningen pågår. Den fortsätter av sig själv.")
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

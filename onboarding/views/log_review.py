from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from onboarding import readers
from onboarding.log_review_form import LogReviewForm
from persons import access_log, log_review, permissions
from persons.actions.log_review import review_look as write_review
from persons.log_review import Sign
from persons.models import AccessLogEntry, Person
from staff.http import UserRequest
from web import clock

PER_PAGE = 50
MONTHS_SHOWN = 12
SAMPLE = "stickprov"
Action = AccessLogEntry.Action


@require_safe
def log_reviews(request: UserRequest) -> TemplateResponse:
    """The month's sample and what has a sign about it. Who was looked at is not named."""
    _require_reviewer(request)
    months = _months()
    month = next((m for m in months if f"{m:%Y-%m}" == request.GET.get("manad")), months[1])
    chosen = request.GET.get("vy", SAMPLE)
    chosen = chosen if chosen in Sign.values else SAMPLE
    looks = _looks(chosen, month).select_related("user", "unit", "person").order_by("-at", "-pk")
    page = Paginator(looks.prefetch_related("person__cases", "reviews"), PER_PAGE).get_page(
        request.GET.get("sida")
    )
    access_log.record_list(request, [e.person for e in page if e.person], Action.LOG)
    context = {
        "page": page,
        "rows": [_row(request, entry) for entry in page],
        "views": [_view(name, label, chosen, month) for name, label in _views()],
        "months": [(f"{m:%Y-%m}", f"{MONTHS[m.month]} {m.year}", m == month) for m in months],
        "chosen": chosen,
        "is_over": month != months[0],
    }
    return TemplateResponse(request, "onboarding/log_reviews.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def review_look(request: UserRequest, entry_id: int) -> HttpResponse:
    entry = _entry(request, entry_id)
    form = LogReviewForm(request.POST if request.method == "POST" else None)
    may_review = permissions.may_review_look(request.user, entry)
    if may_review and form.is_valid():
        write_review(entry=entry, by=request.user, **form.cleaned_data)
        messages.success(request, _("Öppningen är granskad."))
        return redirect("log_reviews")
    context = {
        "form": form,
        "row": _row(request, entry),
        "may_review": may_review,
        "reviews": entry.reviews.select_related("reviewer").order_by("-pk"),
    }
    return TemplateResponse(request, "onboarding/review_look.html", context)


@require_safe
def review_readers(request: UserRequest, entry_id: int) -> TemplateResponse:
    """All looks at the person whom this look was at, without saying who it is."""
    entry = _entry(request, entry_id)
    if entry.person is None:
        raise Http404
    found = readers.page(entry.person, request.GET, now=clock.now())
    context = found | {"entry": entry, "about": _about(entry.person)}
    return TemplateResponse(request, "onboarding/review_readers.html", context)


def _require_reviewer(request: UserRequest) -> None:
    if not permissions.may_review_log(request.user):
        raise Http404


def _entry(request: UserRequest, entry_id: int) -> AccessLogEntry:
    _require_reviewer(request)
    entries = AccessLogEntry.objects.exclude(action=Action.LOG)
    found: AccessLogEntry = get_object_or_404(
        entries.select_related("user", "unit", "person"), pk=entry_id
    )
    access_log.record_list(request, [found.person] if found.person else [], Action.LOG)
    return found


def _months() -> list[date]:
    months = [log_review.month_of(clock.today())]
    while len(months) < MONTHS_SHOWN:
        months.append(log_review.month_before(months[-1]))
    return months


def _looks(chosen: str, month: date) -> Any:
    if chosen == SAMPLE:
        return log_review.sample(month, today=clock.today())
    return log_review.with_sign(Sign(chosen), month)


def _views() -> list[tuple[str, str]]:
    return [(SAMPLE, _("Stickprov")), *((sign.value, str(sign.label)) for sign in Sign)]


def _view(name: str, label: str, chosen: str, month: date) -> dict[str, object]:
    url = f"{reverse('log_reviews')}?manad={month:%Y-%m}&vy={name}"
    return {"label": label, "url": url, "current": name == chosen}


def _row(request: UserRequest, entry: AccessLogEntry) -> dict[str, object]:
    reviews = sorted(entry.reviews.all(), key=lambda review: -review.pk)
    return {
        "entry": entry,
        "look": readers.in_words(entry),
        "about": _about(entry.person) if entry.person else "",
        "listed": len(entry.listed),
        "review": reviews[0] if reviews else None,
        "is_own": entry.user_id == request.user.pk,
    }


def _about(person: Person) -> str:
    """Enough to find the case, and no name: a reviewer has no part in it."""
    numbers = ", ".join(case.number for case in person.cases.all())
    who = person.shown_name if person.is_protected else person.masked_number
    return _("%(who)s, ärende %(numbers)s") % {"who": who, "numbers": numbers} if numbers else who

from django.db import transaction
from django.http import Http404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from persons import access_log, limits, permissions, search
from persons.forms import SearchForm
from persons.models import AccessLogEntry
from staff.http import UserRequest
from web import clock


@require_http_methods(["GET", "HEAD", "POST"])
def search_person(request: UserRequest) -> TemplateResponse:
    """A POST that changes nothing: in an address the term would stay in history and logs."""
    if not permissions.may_search(request.user):
        raise Http404
    form = SearchForm(request.POST if request.method == "POST" else None)
    found, status = None, 200
    if form.is_valid():
        try:
            found = _find(request, form.cleaned_data["term"])
        except limits.TooMuch as refusal:
            access_log.record_refused(request, AccessLogEntry.Action.SEARCH, None)
            form.add_error(None, str(refusal))
            status = 429
    context = {"form": form, "found": found, "most": search.MOST}
    return TemplateResponse(request, "persons/search.html", context, status=status)


@transaction.atomic
def _find(request: UserRequest, term: search.Term) -> search.Found:
    """Logged before it is shown, in the transaction that counts it."""
    limits.allow_search(request.user, now=clock.now())
    found = search.find(term, user=request.user)
    access_log.record_search(request, found.persons, reason=str(term.kind.label))
    return found

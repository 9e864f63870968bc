from uuid import UUID

from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from onboarding import readers
from onboarding.people import frame, open_person
from persons import permissions
from persons.models import AccessLogEntry
from staff.http import UserRequest
from web import clock


@require_safe
def person_readers(request: UserRequest, person_id: UUID) -> TemplateResponse:
    """Who has looked at the person. Reading it is a look as well."""
    facts = open_person(request, person_id, AccessLogEntry.Action.LOG)
    sees_all = permissions.may_read_whole_log(request.user, facts.case)
    found = readers.page(
        facts.person, request.GET, now=clock.now(), only=None if sees_all else request.user
    )
    context = frame(facts, page="readers") | found | {"sees_all": sees_all}
    return TemplateResponse(request, "onboarding/readers.html", context)

from uuid import UUID

from django.shortcuts import get_object_or_404

from persons import access_log
from persons.models import AccessLogEntry, Person
from staff.http import UserRequest


def get_person(
    request: UserRequest,
    person_id: UUID,
    action: AccessLogEntry.Action = AccessLogEntry.Action.VIEW,
) -> Person:
    """Fetch a person and log the look. 404, not 403: whether a person is known is itself secret."""
    visible = Person.objects.visible_to(request.user).select_related("account")
    person = get_object_or_404(visible, public_id=person_id)
    access_log.record(request, action, person)
    return person

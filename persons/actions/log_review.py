"""What can be done with a look that is up for review."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from persons import permissions
from persons.models import AccessLogEntry, LogReview
from staff.models import User


@transaction.atomic
def review_look(
    *, entry: AccessLogEntry, decision: LogReview.Decision, text: str, by: User
) -> None:
    """Write down what the review showed. Saying the same thing twice is one review."""
    if not permissions.may_review_look(by, entry):
        raise PermissionDenied
    latest = entry.reviews.order_by("-pk").first()
    said = {"reviewer": by, "decision": decision, "text": text}
    if latest is None or any(getattr(latest, name) != said[name] for name in said):
        entry.reviews.create(**said)

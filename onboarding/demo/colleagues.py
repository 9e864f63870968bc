"""What colleagues do for each other."""

from datetime import timedelta

from django.conf import settings

from persons.models import Case, EmergencyAccess
from staff.models import User
from web import clock


def load(staff: dict[str, User]) -> None:
    """For the manager to review: one of Sara's people, in whose case Jonas has no part."""
    opened = clock.now() - timedelta(hours=2)
    EmergencyAccess.objects.create(
        person=Case.objects.filter(case_worker=staff["Sara"]).earliest("pk").person,
        user=staff["Jonas"],
        reason="Ringde akut när Sara var på besök",
        opened_at=opened,
        open_until=opened + timedelta(hours=settings.EMERGENCY_ACCESS_HOURS),
    )

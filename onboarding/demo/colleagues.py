"""What colleagues do for each other."""

from datetime import timedelta

from django.conf import settings

from persons.models import Case, EmergencyAccess
from staff.models import Absence, User
from web import clock


def load(staff: dict[str, User]) -> None:
    _away_next_week(staff)
    _opened_without_assignment(staff)


def _away_next_week(staff: dict[str, User]) -> None:
    first = clock.today() + timedelta(days=7)
    Absence.objects.create(
        user=staff["Erik"],
        substitute=staff["Karin"],
        registered_by=staff["Erik"],
        valid_from=first,
        valid_until=first + timedelta(days=4),
    )


def _opened_without_assignment(staff: dict[str, User]) -> None:
    """For the manager to review: one of Sara's people, in whose case Jonas has no part."""
    opened = clock.now() - timedelta(hours=2)
    EmergencyAccess.objects.create(
        person=Case.objects.filter(case_worker=staff["Sara"]).earliest("pk").person,
        user=staff["Jonas"],
        reason="Ringde akut när Sara var på besök",
        opened_at=opened,
        open_until=opened + timedelta(hours=settings.EMERGENCY_ACCESS_HOURS),
    )

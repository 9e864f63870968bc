import argparse
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from onboarding.retention import actions, report
from staff.models import User
from web import clock

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = (
        "Say whom RETENTION_POLICY disposes of today and what hinders it; --apply does it. "
        "Run --apply as the owner of the database."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        way = parser.add_mutually_exclusive_group()
        way.add_argument("--dry-run", action="store_true", help="only say it (the default)")
        way.add_argument("--apply", action="store_true", help="do it; cannot be undone")
        parser.add_argument("--by", default="", help="with --apply: the administrator's e-mail")

    def handle(self, *args: Any, apply: bool, by: str, **options: Any) -> None:
        for line in report.before(clock.today()):
            self.stdout.write(line)
        if apply:
            self._apply(by)
        else:
            log.info("disposal tried out", state=settings.RETENTION_POLICY)

    def _apply(self, email: str) -> None:
        by = User.objects.filter(email=email.lower()).first()
        if by is None:
            raise CommandError("Skriv vem som gallrar: --by med systemförvaltarens e-postadress.")
        gone = _dispose(by)
        log.info(
            "disposal done",
            state=settings.RETENTION_POLICY,
            count=gone["persons.Person"],
            user=by.pk,
        )
        self.stdout.write(f"Gallrat: {gone['persons.Person']} personer.")
        for line in report.rows(gone):
            self.stdout.write(line)


def _dispose(by: User) -> Any:
    try:
        return actions.dispose(by=by, today=clock.today())
    except PermissionDenied:
        raise CommandError("Bara en systemförvaltare får gallra.") from None
    except actions.NotTheOwner:
        raise CommandError(
            "Produktens egen roll får inte gallra. Kör kommandot som databasens ägare, "
            "som vid migrate."
        ) from None
    except OperationalError:
        raise CommandError(
            "Databasen är upptagen. Det som är gallrat är gallrat. Kör kommandot igen."
        ) from None

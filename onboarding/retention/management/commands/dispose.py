import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from onboarding.retention import actions, looks, report
from staff.models import User
from web import clock

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = (
        "Say whom RETENTION_POLICY disposes of today and what hinders it, and how much of the "
        "access log is older than ACCESS_LOG_YEARS; --apply disposes of both. "
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
        with _reasons_in_words():
            self._dispose_of_persons(by)
            self._dispose_of_looks(by)

    def _dispose_of_persons(self, by: User) -> None:
        gone = actions.dispose(by=by, today=clock.today())
        count = gone["persons.Person"]
        log.info("disposal done", state=settings.RETENTION_POLICY, count=count, user=by.pk)
        self.stdout.write(f"Gallrat: {count} personer.")
        for line in report.rows(gone):
            self.stdout.write(line)

    def _dispose_of_looks(self, by: User) -> None:
        count = looks.dispose(by=by, today=clock.today())
        log.info("access log disposal done", count=count, user=by.pk)
        self.stdout.write(f"Gallrat ur åtkomstloggen: {count} rader.")


@contextmanager
def _reasons_in_words() -> Iterator[None]:
    try:
        yield
    except PermissionDenied:
        raise CommandError("Bara en systemförvaltare får gallra.") from None
    except actions.NotTheOwner:
        raise CommandError(
            "Produktens egen roll får inte gallra. Kör kommandot som databasens ägare, "
            "som vid migrate."
        ) from None
    except looks.NotWhole:
        raise CommandError(
            "Åtkomstloggen är inte hel, så inget gallras ur den. Kör verify_access_log och ta reda "
            "på vad som har hänt."
        ) from None
    except OperationalError:
        raise CommandError(
            "Databasen är upptagen. Det som är gallrat är gallrat. Kör kommandot igen."
        ) from None

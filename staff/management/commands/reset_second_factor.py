from typing import Any

import structlog
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from staff import actions
from staff.models import User

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Reset the second factor of whoever has lost it, when no administrator can sign in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            raise CommandError("Det finns ingen medarbetare med den e-postadressen.")
        _reset(user)
        log.warning("second factor reset from the server")
        self.stdout.write("Klart. Tvåstegsinloggningen ställs in på nytt vid nästa inloggning.")


@transaction.atomic
def _reset(user: User) -> None:
    """With the same record as from the admin. Nobody is signed in, so it stands as their own."""
    actions.forget_second_factor(user=user)
    text = "Återställde tvåstegsinloggningen från servern."
    LogEntry.objects.log_actions(user.pk, [user], CHANGE, change_message=text, single_object=True)

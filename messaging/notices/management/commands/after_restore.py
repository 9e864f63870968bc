from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from messaging.notices import restoring
from web import clock


class Command(BaseCommand):
    help = (
        "After a backup has been restored: ask the providers about all that may have left since "
        "it was taken, before anything is sent. Nothing leaves until this has been run."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--backup-time",
            required=True,
            type=datetime.fromisoformat,
            help="when the backup was finished, rather too late than too early: 2026-11-24T03:00",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        backup_time = options["backup_time"]
        if timezone.is_naive(backup_time):
            backup_time = timezone.make_aware(backup_time)
        if backup_time > clock.machine_now():
            raise CommandError("--backup-time is in the future.")
        count = restoring.after_restore(backup_time=backup_time)
        self.stdout.write(f"{count} notices will be asked about before they are sent.")

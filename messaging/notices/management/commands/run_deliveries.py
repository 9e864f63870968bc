from typing import Any

from django.core.management.base import BaseCommand, CommandError

from messaging.notices import delivery, polling, restoring
from web import clock


class Command(BaseCommand):
    help = "Send the notices that may leave now, and ask what became of earlier ones."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(f"{delivery.deliver_due(now=clock.now())} skickade")
            polling.ask_due()
        except restoring.Restored as error:
            raise CommandError(str(restoring.Restored.__doc__)) from error

from typing import Any

from django.core.management.base import BaseCommand

from messaging.notices import delivery
from web import clock


class Command(BaseCommand):
    help = "Send the notices that may leave now."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{delivery.deliver_due(now=clock.now())} skickade")

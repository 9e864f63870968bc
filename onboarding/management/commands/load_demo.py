from typing import Any

from django.core.management.base import BaseCommand, CommandError

from onboarding.demo import load
from onboarding.demo.office import STAFF


class Command(BaseCommand):
    help = "Load the demo's people once, and show how to sign in."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            load.load()
        except load.NotTheDemo as error:
            raise CommandError("Only the demo has invented people: set DEMO.") from error
        for person in STAFF:
            self.stdout.write(f"{person.email:38} {person.password:20} {person.role}")

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from messaging.sync import run


class Command(BaseCommand):
    help = "Run today's synchronisation now, also if it has been run."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            this = run.run()
        except run.AlreadyRunning as error:
            raise CommandError("A run is under way.") from error
        self.stdout.write(
            f"{this.local_date}: {this.get_state_display()}, {this.done_count} gick igenom, "
            f"{this.refused_count} gick inte igenom. Kan användas från {this.usable_from}."
        )

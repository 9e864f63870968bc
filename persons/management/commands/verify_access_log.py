import argparse
import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from persons.verification import verify
from web import clock


def digest(text: str) -> str:
    """The digest itself, or the log line that has it."""
    found = re.search(r"[0-9a-f]{64}", text)
    if not found:
        raise argparse.ArgumentTypeError("a digest has 64 hexadecimal digits")
    return found[0]


class Command(BaseCommand):
    help = "Recompute every seal of the access log, and say what has been tampered with."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--head",
            type=digest,
            action="append",
            default=[],
            help="the digest of a line 'access log sealed' from another machine; may be repeated",
        )

    def handle(self, *args: Any, head: list[str], **options: Any) -> None:
        report = verify(heads=head, now=clock.now())
        self.stdout.write(
            f"{report.sealed} rows under {report.seals} seals, {report.unsealed} not sealed yet. "
            f"Head: {report.head or 'none'}"
        )
        if report.disposed:
            self.stdout.write(report.disposed)
        if report.problems:
            raise CommandError("The access log is not whole:\n" + "\n".join(report.problems))
        self.stdout.write("The access log is whole.")
        if not head:
            self.stdout.write("Whether its end has been cut off is seen only with --head.")

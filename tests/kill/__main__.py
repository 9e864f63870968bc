"""`./dev kill [--minutes N]`: kill at every named step, and count what was lost or doubled."""

import argparse
import logging
import os
import sys
import tempfile
import time
from pathlib import Path

import django


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    django.setup()
    logging.disable()
    _make_tables()
    from tests.kill.campaign import Campaign

    with tempfile.TemporaryDirectory(prefix="koppla-kill-") as folder:
        campaign = Campaign(
            Path(folder),
            messages=options.messages,
            kills=options.kills,
            faults=options.faults,
            seed=options.seed,
        )
        tally = campaign.run(until=time.monotonic() + 60 * options.minutes)
    print(
        f"{options.name}: {tally.messages} messages, {tally.kills} kills, "
        f"{tally.freezes} freezes, {len(tally.hits)} steps hit; {len(tally.lost)} lost, "
        f"{len(tally.doubled)} doubled, {tally.unsettled} not settled, "
        f"{tally.to_a_person} to a person (seed {options.seed})",
        flush=True,
    )
    if options.steps:
        for step, count in sorted(tally.hits.items()):
            print(f"  {count:5} {step}")
    return int(not tally.is_clean)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev kill", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_500, help="at least so many (1500)")
    parser.add_argument("--kills", type=int, default=750, help="at least so many (750)")
    parser.add_argument("--minutes", type=float, default=20, help="at most so long (20)")
    parser.add_argument("--faults", type=float, default=0.25, help="share of bad answers (0.25)")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--steps", action="store_true", help="say how often each step was hit")
    parser.add_argument("--name", default=os.environ.get("KOPPLA_TEST_RUN", ""))
    return parser.parse_args(arguments)


def _make_tables() -> None:
    """From the models: a thousand kills need no history of migrations."""
    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command

    settings.MIGRATION_MODULES = dict.fromkeys((app.label for app in apps.get_app_configs()), None)
    call_command("migrate", run_syncdb=True, verbosity=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`./dev kill [--nights] [--minutes N]`: kill at every named step, and count what went wrong."""

import argparse
import logging
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import django

GATEWAYS = ("builtin", "manual", "file", "http")


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    django.setup()
    logging.disable()
    _make_tables()
    kill = _kill_nights if options.nights else _kill_workers
    with tempfile.TemporaryDirectory(prefix="koppla-kill-") as folder:
        return int(not kill(Path(folder), options))


def _kill_workers(folder: Path, options: argparse.Namespace) -> bool:
    from tests.kill.campaign import Campaign

    campaign = Campaign(
        folder,
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
    _print_steps(tally.hits, options)
    return tally.is_clean


def _kill_nights(folder: Path, options: argparse.Namespace) -> bool:
    from django.db import connection

    from tests.kill.database import Server
    from tests.kill.nights import Nights, write_without_waiting
    from tests.kill.sides import side

    write_without_waiting()
    until = time.monotonic() + 60 * options.minutes
    tallies = []
    for gateway in options.gateways:
        with side(gateway, folder / gateway) as other:
            nights = Nights(other, folder, per_step=options.per_step, seed=options.seed)
            tallies.append(nights.run(until=until))
        _print_nights(gateway, "kills", tallies[-1], options)
    if connection.vendor == "postgresql" and options.deaths:
        # Which of them matters little here: it is our side that loses what it stands on.
        with side(gateway, folder / "database") as other:
            nights = Nights(
                other, folder, per_step=options.deaths, seed=options.seed, server=Server()
            )
            tallies.append(nights.run(until=until))
        _print_nights(gateway, "deaths of the database", tallies[-1], options)
    return all(tally.is_clean for tally in tallies)


def _print_nights(gateway: str, what: str, tally: Any, options: argparse.Namespace) -> None:
    print(
        f"{options.name} {gateway}: {tally.nights} nights, {tally.hits.total()} {what}, "
        f"{len(tally.hits)} steps hit, the least {min(tally.hits.values(), default=0)} times, "
        f"{tally.told} told; {len(tally.different)} different, "
        f"{len(tally.wrong_day)} on the wrong day, {len(tally.doubled)} doubled, "
        f"{len(tally.unsettled)} left (seed {options.seed})",
        *tally.faults[:20],
        sep="\n  ",
        flush=True,
    )
    _print_steps(tally.hits, options)


def _print_steps(hits: Counter[str], options: argparse.Namespace) -> None:
    if options.steps:
        for step, count in sorted(hits.items()):
            print(f"  {count:5} {step}")


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev kill", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_500, help="at least so many (1500)")
    parser.add_argument("--kills", type=int, default=750, help="at least so many (750)")
    parser.add_argument("--minutes", type=float, default=20, help="at most so long (20)")
    parser.add_argument("--faults", type=float, default=0.25, help="share of bad answers (0.25)")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--steps", action="store_true", help="say how often each step was hit")
    parser.add_argument("--nights", action="store_true", help="kill the nightly run instead")
    parser.add_argument("--per-step", type=int, default=200, help="so often at each step (200)")
    parser.add_argument("--deaths", type=int, default=10, help="of the database, per step (10)")
    parser.add_argument("--gateways", nargs="+", choices=GATEWAYS, default=GATEWAYS)
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

"""`./dev bench [CASE ...] [--rows N] [--json]`: how fast, beside a floor or a peer, in one run."""

import argparse
import json
import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TextIO

import django
from django.conf import settings

from bench.measure import Result

CASES = (
    "start", "person", "readers", "search-page", "search", "access-log", "admin_list",
    "night", "import", "sheet-pdf", "outbox", "queueing", "click", "run-ready",
)  # fmt: skip
# "import" is a word of the language itself.
MODULES = {"import": "importing"}


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    django.setup()
    settings.ROOT_URLCONF = "bench.urls"
    missed = False
    with Path(os.devnull).open("w") as nowhere:
        _log_to(nowhere)
        if not options.json:
            print(Result.HEADINGS)
        for case in options.case or CASES:
            for result in _run(case, options.rows):
                print(json.dumps(asdict(result)) if options.json else result, flush=True)
                missed |= result.ok is False
    return int(missed)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("case", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)} (all)")
    parser.add_argument("--rows", type=int, default=100_000, help="people in the register")
    parser.add_argument("--json", action="store_true", help="one object on each line")
    options = parser.parse_args(arguments)
    if unknown := set(options.case) - set(CASES):
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    return options


def _run(case: str, rows: int) -> Iterator[Result]:
    run = import_module(f"bench.{MODULES.get(case, case.replace('-', '_'))}").run
    yield from run(rows)


def _log_to(file: TextIO) -> None:
    """Lines are written, as in production, but not into the table."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

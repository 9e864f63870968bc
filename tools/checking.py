"""`./dev check` and `./dev fix`: all that a machine can say about the code."""

from __future__ import annotations

import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import environment, installation
from tools.paths import PYTHON, ROOT, program

Command = list[str]

LINTS: dict[str, Command] = {
    "mypy": [program("mypy"), ".", "dev"],  # first: it takes longest
    "ruff check": [program("ruff"), "check"],
    "ruff format": [program("ruff"), "format", "--check"],
    "djlint lint": [program("djlint"), "templates", "--lint"],
    "djlint format": [program("djlint"), "templates", "--check"],
    "lint-imports": [program("lint-imports")],
}
MIGRATIONS = [str(PYTHON), "manage.py", "makemigrations", "--check", "--dry-run"]
DEPLOY = [str(PYTHON), "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
FIXES: dict[str, Command] = {
    "ruff check": [program("ruff"), "check", "--fix"],
    "ruff format": [program("ruff"), "format"],
    "djlint": [program("djlint"), "templates", "--reformat", "--quiet"],
}


def check(_: list[str]) -> int:
    installation.install("dev")
    with tempfile.TemporaryDirectory(prefix="koppla-check-") as folder:
        env = environment.test(Path(folder))
        jobs = [(name, command, env) for name, command in LINTS.items()]
        jobs.append(("makemigrations", MIGRATIONS, env))
        jobs.append(("check --deploy", DEPLOY, environment.production_like(Path(folder))))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            failed = [name for name in pool.map(_run, jobs) if name]
    print(f"Failed: {', '.join(failed)}" if failed else f"All {len(jobs)} checks passed.")
    return int(bool(failed))


def fix(_: list[str]) -> int:
    installation.install("dev")
    for command in FIXES.values():
        subprocess.run(command, cwd=ROOT, check=False)
    return 0


def _run(job: tuple[str, Command, dict[str, str]]) -> str:
    """Print what the tool says as one piece, and return its name if it failed."""
    name, command, env = job
    done = subprocess.run(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    said = done.stdout.decode(errors="replace") if done.returncode else ""
    print(f"{'FAILED' if done.returncode else 'ok':7}{name}\n{said}", end="", flush=True)
    return name if done.returncode else ""

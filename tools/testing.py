"""`./dev test`, `bench` and `kill`: both databases, real services, nothing left behind."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from xml.etree import ElementTree

from tools import environment, installation, processes, services
from tools.paths import PYTHON

NO_TESTS = 5  # pytest's exit code: the arguments chose none
# Runs whose output is kept until the one on SQLite is done.
AFTERWARDS = {
    "postgresql": "The same on PostgreSQL and Valkey:",
    "journeys": "In a browser on PostgreSQL and Valkey:",
}


def run(arguments: list[str]) -> int:
    installation.install("dev")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="koppla-test-")))
        runs = [_start(folder / "sqlite", arguments, {})]
        stack.callback(processes.end, runs.copy())
        urls = _urls(stack)
        # The journeys mostly wait: for a page, for the night. The others use that time.
        for name in AFTERWARDS:
            runs.append(_start(folder / name, arguments, urls))
            stack.callback(processes.end, runs[-1:])
        codes = [run.wait() for run in runs]
        for name, what in AFTERWARDS.items():
            print(f"\n{what}\n", flush=True)
            print((folder / name / "output").read_text(errors="replace"))
        return sum_up([folder / name for name in ("sqlite", *AFTERWARDS)], codes)


def bench(arguments: list[str]) -> int:
    installation.install("dev")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="koppla-bench-")))
        env = environment.test(folder) | {
            "BENCH_POSTGRES_URL": stack.enter_context(services.postgresql(durable=True)),
            "BENCH_SQLITE_URL": f"sqlite:///{folder}/bench.sqlite3",
        }
        bench = processes.start([str(PYTHON), "-m", "bench", *arguments], env)
        stack.callback(processes.end, [bench])
        return bench.wait()


def kill(arguments: list[str]) -> int:
    """On both databases at once: each has a core, and workers that are killed wait a lot."""
    installation.install("dev")
    durable = "--nights" not in arguments  # thousands of nights, none of which is a power cut
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="koppla-kill-")))
        postgresql = {
            "DATABASE_URL": stack.enter_context(services.postgresql(durable=durable)),
            "KOPPLA_TEST_RUN": "postgresql",
        }
        campaigns = []
        for name, urls in {"sqlite": {}, "postgresql": postgresql}.items():
            env = environment.test(folder / name) | urls
            campaigns.append(processes.start([str(PYTHON), "-m", "tests.kill", *arguments], env))
            stack.callback(processes.end, campaigns[-1:])
        return max(campaign.wait() for campaign in campaigns)


def _urls(stack: ExitStack) -> dict[str, str]:
    valkey = stack.enter_context(services.valkey())
    return {
        "BROKER_URL": f"{valkey}/0",
        "CACHE_URL": f"{valkey}/1",
        "DATABASE_URL": stack.enter_context(services.postgresql()),
        "KOPPLA_TEST_RUN": "postgresql",
    }


def _start(folder: Path, arguments: list[str], urls: dict[str, str]) -> subprocess.Popen[bytes]:
    folder.mkdir()
    own = {"COVERAGE_FILE": f".coverage.{folder.name}", "KOPPLA_TEST_PART": folder.name}
    env = environment.test(folder) | own | urls
    command = [str(PYTHON), "-m", "pytest", *arguments, f"--basetemp={folder}/files"]
    # The runs must not write to one cache.
    command += ["-o", f"cache_dir=.pytest_cache/{folder.name}", f"--junit-xml={folder}/junit.xml"]
    if folder.name not in AFTERWARDS:
        return processes.start(command, env)
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    with (folder / "output").open("wb") as output:
        return processes.start([*command, *colour], env, output, stdin=subprocess.DEVNULL)


def sum_up(folders: list[Path], codes: list[int]) -> int:
    total: Counter[str] = Counter()
    for folder, code in zip(folders, codes):
        counts = _counts(folder / "junit.xml")
        # A run that broke before it could count has failed all the same.
        broke = code not in {0, NO_TESTS} and not counts["failed"]
        total += counts + Counter(failed=int(broke))
    print("{passed} passed, {failed} failed, {skipped} skipped".format_map(total), flush=True)
    return int(total["failed"] > 0 or set(codes) == {NO_TESTS})


def _counts(report: Path) -> Counter[str]:
    if not report.exists():
        return Counter()
    cases = ElementTree.parse(report).iter("testcase")  # noqa: S314  (pytest wrote it)
    return Counter(map(_outcome, cases))


def _outcome(case: ElementTree.Element) -> str:
    kinds = {child.tag for child in case}
    if kinds & {"failure", "error"}:
        return "failed"
    return "skipped" if "skipped" in kinds else "passed"

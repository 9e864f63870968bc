"""Which tests each run of `./dev test` has. A bare pytest has all that it is asked for."""

from pathlib import Path

TESTS = Path(__file__).parent
BROWSER = TESTS / "browser"
# What a page shows and how a form is sent does not depend on the database. That the demo holds
# together on its own does: one whole journey. Each page is looked at there in the other window.
ON_SQLITE_TOO = {"test_journey_by_keyboard.py", "test_every_page.py"}
# These start programs with settings of their own: a second time would be the same once more.
ONCE = [TESTS / "bench" / "test_bench.py", TESTS / "test_dev.py", TESTS / "test_setup.py"]


def has(run: str, file: Path) -> bool:
    if BROWSER in file.parents:
        return run in {"", "journeys"} or (run == "sqlite" and file.name in ON_SQLITE_TOO)
    return run in {"", "postgresql"} or (run == "sqlite" and file not in ONCE)

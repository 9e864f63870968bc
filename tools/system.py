"""What pip cannot install: libraries and programs of the operating system."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import shutil
import subprocess
import sys

# Shared library, and the Debian package that has it. WeasyPrint draws with them.
LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",  # without it a PDF takes ten times as long
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def missing(level: str) -> list[str]:
    """The packages that `level` ("run" or "dev") needs and the machine lacks."""
    return [*_missing_libraries(), *(_missing_programs() if level == "dev" else [])]


def chromium() -> str:
    found = (shutil.which(name) for name in BROWSERS)
    return os.environ.get("CHROMIUM") or next(filter(None, found), "")


def install(packages: list[str]) -> None:
    """Install them, or say how and stop."""
    if not packages:
        return
    if not shutil.which("apt-get"):
        sys.exit(f"Missing on this machine (Debian's names): {' '.join(packages)}")
    commands = [
        ["apt-get", "update"],
        # Another apt may be at work on a new machine: wait for it.
        ["apt-get", "-o", "DPkg::Lock::Timeout=120", "install", "-y", "--no-install-recommends"],
    ]
    commands[-1] += packages
    if os.geteuid() != 0:
        shown = " && ".join(f"sudo {' '.join(command)}" for command in commands)
        sys.exit(f"Some system packages are missing. Install them and start again:\n\n  {shown}\n")
    _run_apt(commands)


def _run_apt(commands: list[list[str]]) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in commands:
        print("Running", " ".join(command), flush=True)
        done = subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(command)} failed, see above.")


def _missing_libraries() -> list[str]:
    return [package for name, package in LIBRARIES.items() if not _loads(name)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(f"lib{library}.so.0")
    except OSError:
        # Slow, so only asked where the usual name fails.
        return ctypes.util.find_library(library) is not None
    return True


def _missing_programs() -> list[str]:
    wanted = {"chromium": chromium(), "poppler-utils": shutil.which("pdftotext")}
    return [package for package, found in wanted.items() if not found]

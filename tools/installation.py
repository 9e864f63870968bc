"""A virtual environment from the locked requirements, without touching the machine's own Python."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import system
from tools.paths import PYTHON, REQUIREMENTS, ROOT, VENV

UV_VERSION = "0.13.9"
TOOLS = ROOT / ".tools"
UV = TOOLS / f"uv-{UV_VERSION}" / "bin" / "uv"
STAMP = VENV / "installed.json"
OLDEST = (3, 11)
DOWNLOADED = "3.13"  # what uv fetches where the machine has nothing new enough


def install(level: str) -> None:
    """Install what `level` ("run" or "dev") needs. Costs next to nothing when it is there."""
    system.install([*system.missing(level), *_missing_venv_module()])
    if _is_fresh(level):
        return
    with _one_at_a_time():
        if not _is_fresh(level):
            _install(_level_to_keep(level))


def lock(arguments: list[str]) -> int:
    """Write the requirement files within the bounds in pyproject.toml."""
    command = ["pip", "compile", "--quiet", "--universal", "--generate-hashes"]
    command += ["--python-version", "3.11", "--custom-compile-command", "./dev lock"]
    dev = ["--group", "test", "--group", "check", "-c", "requirements/run.txt"]
    system.install(_missing_venv_module())
    with _one_at_a_time():
        uv = str(_uv(_find_python()))
        for output, chosen in (("requirements/run.txt", []), ("requirements/dev.txt", dev)):
            _run([uv, *command, *arguments, "pyproject.toml", *chosen, "-o", output])
    return 0


def _install(level: str) -> None:
    file = _requirements(level)
    print(f"Installing {file.relative_to(ROOT)} into .venv", flush=True)
    python = _find_python()
    uv = str(_uv(python))
    if not _venv_will_do():
        env = {"UV_PYTHON_DOWNLOADS": "never"} if python else {}
        _run([uv, "venv", "--quiet", "--clear", "--python", python or DOWNLOADED, str(VENV)], **env)
    sync = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(PYTHON)]
    _run([*sync, str(file)])
    STAMP.write_text(json.dumps(_state(level)))


def _requirements(level: str) -> Path:
    return REQUIREMENTS / f"{level}.txt"


def _state(level: str) -> dict[str, str]:
    return {
        "level": level,
        "requirements": hashlib.sha256(_requirements(level).read_bytes()).hexdigest(),
        "interpreter": os.path.realpath(PYTHON),
        "asked for": _asked_for() or _stamp().get("asked for", ""),
    }


def _stamp() -> dict[str, str]:
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp


def _is_fresh(level: str) -> bool:
    return PYTHON.exists() and _stamp() == _state(_level_to_keep(level))


def _level_to_keep(level: str) -> str:
    """The `dev` file has all that `run` has: never take the tools away again."""
    return "dev" if _stamp().get("level") == "dev" else level


def _asked_for() -> str:
    return os.environ.get("PYTHON", "")


def _venv_will_do() -> bool:
    wanted = _asked_for() in {"", _stamp().get("asked for", "")}
    return wanted and _executable_of(str(PYTHON)) is not None


def _find_python() -> str | None:
    """The first interpreter that is new enough. Names lie (pyenv's shims), so each is run."""
    pyenv = Path.home().glob(".pyenv/versions/3.1*/bin/python")
    newest_first = sorted(pyenv, key=lambda path: _numbers(path.parts[-3]), reverse=True)
    named = [_asked_for(), "python3.13", "python3.12", "python3.11"]
    candidates = [*named, *map(str, newest_first), "python3", sys.executable]
    return next(filter(None, map(_executable_of, filter(None, candidates))), None)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]


def _executable_of(python: str) -> str | None:
    code = f"import sys; print(sys.executable); sys.exit(sys.version_info < {OLDEST})"
    try:
        answer = subprocess.run(
            [python, "-c", code], capture_output=True, text=True, timeout=30, check=False
        )
    except OSError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def _uv(python: str | None) -> Path:
    if not UV.exists():
        home = UV.parent.parent
        _run([python or sys.executable, "-m", "venv", "--clear", str(home)])
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        pip += ["--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
        _run([*pip, f"uv=={UV_VERSION}"])
    return UV


def _missing_venv_module() -> list[str]:
    """Debian ships venv without what it needs to work. Only uv's own folder is made with it."""
    if UV.exists():
        return []
    code = "import sys; print('%d.%d' % sys.version_info[:2]); import ensurepip, venv"
    command = [_find_python() or sys.executable, "-c", code]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return [f"python{answer.stdout.strip()}-venv"] if answer.returncode else []


def _run(command: list[str], **env: str) -> None:
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, check=False)
    if done.returncode:
        sys.exit(f"Set-up stopped: {Path(command[0]).name} {' '.join(command[1:])} failed.")


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """`./dev run` and `./dev test` may be started side by side in a new clone."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

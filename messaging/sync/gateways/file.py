"""The e-service reads files in a folder, and answers with files: docs/sync-files.md."""

import json
import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import structlog
from django.conf import settings
from django.db.models import Q

from messaging.sync.gateways import wire
from messaging.sync.gateways.base import Answer, Change, Reading, Unavailable
from web import clock

log = structlog.get_logger(__name__)

# A delivery that nobody has answered for so long is taken to be lost, and written again.
LOST_AFTER = timedelta(hours=20)
# What has been put away holds identity numbers.
KEPT = timedelta(days=30)
CHANGES, ANSWERS = ".manifest.json", ".answers.manifest.json"
READINGS = ".readings.manifest.json"


class Gateway:
    """One for each run: it reads what has been answered when it begins."""

    ready = Q()
    asks_nobody = False

    def __init__(self) -> None:
        self._folder = Path(settings.SYNC_FOLDER)
        if not self._folder.is_dir():
            raise Unavailable("no folder")
        for name in ("to", "from", "archive", "refused"):
            (self._folder / name).mkdir(exist_ok=True)
            # Also what a process left that died between lines and manifest: nobody reads it.
            for path in (self._folder / name).iterdir():
                if _age(path) > KEPT:
                    path.unlink()

    def push(self, batch: Sequence[Change]) -> Sequence[Answer]:
        said = self._answered
        asked = {(wire.id_of(change), change.version): change for change in batch}
        new = [asked[key] for key in asked if key not in said and key not in self._waiting]
        if new:
            self._deliver(new)
        return wire.answers((said[key] for key in asked if key in said), batch)

    def readings(self, after: datetime | None) -> Iterator[Reading]:
        """All that lies there. Put away first: one that is lost costs an SMS too many."""
        for manifest in sorted((self._folder / "from").glob(f"*{READINGS}")):
            try:
                found = [wire.reading(line) for line in read(manifest)]
            except (OSError, ValueError, KeyError, TypeError, Unavailable) as error:
                log.error("readings refused", error=type(error).__name__)
                self._put_away(manifest, "refused")
            else:
                self._put_away(manifest, "archive")
                yield from found

    def _deliver(self, batch: Sequence[Change]) -> None:
        name = f"changes-{clock.machine_now():%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"
        lines = [json.dumps(wire.record(change), ensure_ascii=False) for change in batch]
        write(self._folder / "to", name, lines, CHANGES)
        self._waiting.update((wire.id_of(change), change.version) for change in batch)

    @cached_property
    def _answered(self) -> dict[tuple[str, int], Any]:
        """What has been said since the last run. Read once, then put away."""
        said = {}
        for manifest in sorted((self._folder / "from").glob(f"*{ANSWERS}")):
            try:
                said.update({_key(line): line for line in read(manifest)})
            except (OSError, ValueError, KeyError, TypeError) as error:
                # Refused whole: half an answer is worse than none.
                log.error("answer file refused", error=type(error).__name__)
                self._put_away(manifest, "refused")
            else:
                # The answer last: until then it is found again by who comes after a death.
                self._put_away(self._delivery(manifest), "archive")
                self._put_away(manifest, "archive")
        return said

    @cached_property
    def _waiting(self) -> set[tuple[str, int]]:
        """What has been delivered and not answered yet: not to be written again each time."""
        waiting: set[tuple[str, int]] = set()
        for manifest in (self._folder / "to").glob(f"*{CHANGES}"):
            if _age(manifest) > LOST_AFTER:
                self._put_away(manifest, "archive")
            else:
                waiting.update(_key(line) for line in read(manifest))
        return waiting

    def _delivery(self, answer: Path) -> Path:
        return self._folder / "to" / answer.name.replace(ANSWERS, CHANGES)

    def _put_away(self, manifest: Path, folder: str) -> None:
        """The manifest first: lines alone are nobody's business, a manifest alone is a fault."""
        for path in (manifest, _lines_of(manifest)):
            if path.exists():
                path.replace(self._folder / folder / path.name)


def write(folder: Path, name: str, lines: Sequence[str], ending: str) -> None:
    """The manifest last, each at once whole: who reads by the manifest never sees half a file."""
    whole = "".join(f"{line}\n" for line in lines).encode()
    manifest = folder / f"{name}{ending}"
    told = {"format": 1, "count": len(lines), "sha256": sha256(whole).hexdigest()}
    _write_whole(_lines_of(manifest), whole)
    _write_whole(manifest, json.dumps(told).encode())


def read(manifest: Path) -> Iterator[Any]:
    """Raises ValueError when checksum or count is not what the manifest says."""
    told = json.loads(manifest.read_bytes())
    whole = _lines_of(manifest).read_bytes()
    lines = whole.splitlines()
    if told["sha256"] != sha256(whole).hexdigest() or told["count"] != len(lines):
        raise ValueError(manifest.name)
    return iter([json.loads(line) for line in lines])


def _lines_of(manifest: Path) -> Path:
    return manifest.with_name(manifest.name.replace(".manifest.json", ".ndjson"))


def _age(path: Path) -> timedelta:
    return timedelta(seconds=clock.machine_now().timestamp() - path.stat().st_mtime)


def _key(line: dict[str, Any]) -> tuple[str, int]:
    return str(line["id"]), int(line["version"])


def _write_whole(path: Path, content: bytes) -> None:
    half = path.with_name(f".{path.name}.half")
    try:
        with half.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)

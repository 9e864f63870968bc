"""Other sides that behave badly, named by dotted path."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db.models import Q

from messaging.sync.gateways.base import Answer, Change, Reading

pushed: list[Change] = []
while_pushing: list[Callable[[], None]] = []


class Gateway:
    ready = Q()
    asks_nobody = False


class Recording(Gateway):
    """Takes everything, and remembers it."""

    def push(self, batch: Sequence[Change]) -> list[Answer]:
        pushed.extend(batch)
        for act in while_pushing:
            act()
        return [Answer(change.key) for change in batch]


class Refusing(Gateway):
    def push(self, batch: Sequence[Change]) -> list[Answer]:
        return [Answer(change.key, "Personnumret finns inte i e-tjänsten.") for change in batch]


class RefusingSlowly(Recording):
    def push(self, batch: Sequence[Change]) -> list[Answer]:
        super().push(batch)
        return [Answer(change.key, "Personnumret finns inte i e-tjänsten.") for change in batch]


class Talkative(Gateway):
    def push(self, batch: Sequence[Change]) -> list[Answer]:
        return [Answer(change.key, "Personnumret finns inte. " * 100) for change in batch]


class Forgetful(Gateway):
    """Answers about nobody."""

    def push(self, batch: Sequence[Change]) -> list[Answer]:
        return []


class Confused(Gateway):
    """Answers about others than it was asked about."""

    def push(self, batch: Sequence[Change]) -> list[Answer]:
        return [Answer(change.key + 1, "Finns inte.") for change in batch]


class Unreachable(Gateway):
    def push(self, batch: Sequence[Change]) -> list[Answer]:
        raise ConnectionError


class Killed(BaseException):
    """What a killed process leaves behind: nothing after this line ran."""


class DiesAfterPushing(Recording):
    def push(self, batch: Sequence[Change]) -> list[Answer]:
        super().push(batch)
        raise Killed


# What There holds, version and whether it is open, and whom it refuses.
there: dict[int, tuple[int, bool]] = {}
refused: set[int] = set()


class There(Gateway):
    """Goes by the version, as every other side must."""

    def push(self, batch: Sequence[Change]) -> list[Answer]:
        taken = [change for change in batch if change.key not in refused]
        for change in taken:
            assert change.version >= there.get(change.key, (0, False))[0]
            there[change.key] = (change.version, change.is_open)
        no = [Answer(key, "Personnumret finns inte.") for key in refused]
        return [Answer(change.key) for change in taken] + no


# What Telling tells, and from when it was asked.
readings: list[Reading] = []
asked_after: list[datetime | None] = []


class Telling(Recording):
    def readings(self, after: datetime | None) -> list[Reading]:
        asked_after.append(after)
        return readings

"""Other sides that behave badly, named by dotted path."""

from collections.abc import Callable, Sequence

from messaging.sync.gateways.base import Answer, Change

pushed: list[Change] = []
while_pushing: list[Callable[[], None]] = []


class Recording:
    """Takes everything, and remembers it."""

    def push(self, batch: Sequence[Change]) -> list[Answer]:
        pushed.extend(batch)
        for act in while_pushing:
            act()
        return [Answer(change.key) for change in batch]


class Refusing:
    def push(self, batch: Sequence[Change]) -> list[Answer]:
        return [Answer(change.key, "Personnumret finns inte i e-tjänsten.") for change in batch]


class Unreachable:
    def push(self, batch: Sequence[Change]) -> list[Answer]:
        raise ConnectionError


class Killed(BaseException):
    """What a killed process leaves behind: nothing after this line ran."""


class DiesAfterPushing(Recording):
    def push(self, batch: Sequence[Change]) -> list[Answer]:
        super().push(batch)
        raise Killed

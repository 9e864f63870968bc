"""Times in turn, A B A B, so that what else the machine does hits all alike."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles
from typing import ClassVar


@dataclass(frozen=True)
class Result:
    """Times in milliseconds. `ratio` is the median over that of `against`; 1 is as fast."""

    case: str
    rows: int
    database: str
    median: float
    spread: float
    ratio: float | None = None
    against: str = ""
    target: str = ""
    ok: bool | None = None  # None: no target applies

    FORM: ClassVar[str] = "{:22}{:>9}  {:12}{:>11}{:>10}{:>8}  {:34}{:16}{}"
    HEADINGS: ClassVar[str] = FORM.format(
        "case", "rows", "database", "median", "spread", "ratio", "against", "target", "ok"
    )

    def __str__(self) -> str:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        verdict = {True: "ok", False: "MISSED", None: ""}[self.ok]
        numbers = (f"{self.median:.2f}", f"{self.spread:.2f}", ratio)
        words = (self.against, self.target, verdict)
        return self.FORM.format(self.case, self.rows, self.database, *numbers, *words).rstrip()


@dataclass(frozen=True)
class Times:
    milliseconds: list[float]

    @property
    def median(self) -> float:
        return round(median(self.milliseconds), 3)

    @property
    def spread(self) -> float:
        """From the tenth to the ninetieth percentile."""
        if len(self.milliseconds) < 2:
            return 0.0
        tenths = quantiles(self.milliseconds, n=10, method="inclusive")
        return round(tenths[-1] - tenths[0], 3)

    def percentile(self, n: int) -> float:
        if len(self.milliseconds) < 2:
            return self.median
        return round(quantiles(self.milliseconds, n=100, method="inclusive")[n - 1], 3)

    def over(self, floor: "Times") -> float:
        return round(self.median / floor.median, 3)


def in_turn(
    *ways: Callable[[], object],
    rounds: int,
    warm_up: int = 1,
    before: Callable[[], object] = lambda: None,
) -> list[Times]:
    """Time each way once a round. `before` prepares each call and is not timed."""
    taken: list[list[float]] = [[] for _ in ways]
    for number in range(warm_up + rounds):
        for way, times in zip(ways, taken, strict=True):
            before()
            start = time.perf_counter()
            way()
            if number >= warm_up:
                times.append((time.perf_counter() - start) * 1000)
    return [Times(times) for times in taken]

"""The named steps at which a process may die or freeze. The product knows nothing of them."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

from messaging.notices import delivery, email, handing_over, reports, restoring, smtp
from messaging.notices.models import Notice, NoticeQuerySet

# What a worker does, in its own order, and what a web process does with a report.
WORKER: dict[str, tuple[Any, str]] = {
    "choosing": (delivery, "claim"),
    "claiming": (delivery, "_claim_all"),
    "counting the claim": (restoring, "count_claim"),
    "writing down the claim": (restoring, "write_down"),
    "sending": (delivery, "_send"),
    "settling": (delivery, "_accept_all"),
    "handing over": (handing_over, "_send"),
    "opening a line": (email, "_open"),
    "saying an e-mail": (smtp, "hand_over"),
    "announcing an e-mail": (smtp, "_announce"),
    "accepting": (delivery, "_accept"),
    "putting back": (delivery, "_retry"),
    "doubting": (delivery, "doubt"),
    "looking up": (delivery, "_look_up"),
    "asking": (handing_over, "find"),
    "concluding": (delivery, "_conclude"),
    "moving": (Notice, "move"),
    "moving many": (NoticeQuerySet, "move_all"),
}
WEB: dict[str, tuple[Any, str]] = {
    "keeping a report": (reports, "_keep"),
    "applying a report": (reports, "apply"),
    "moving by a report": (Notice, "move"),
}
# Between the last look at the lease and the socket: docs/reliability.md says what it can cost.
# Once the socket is open, a server has hung up before such a one wakes.
NEVER_FROZEN = {"before handing over", "before opening a line"}


@dataclass(frozen=True)
class Aim:
    """Die, or freeze, the so-manieth time that one comes to a step."""

    step: str
    turn: int
    freezes: bool
    # Who dies instead of whoever comes there, such as the server of the database.
    instead: Callable[[], object] | None = None

    def strike(self, hits: Path) -> None:
        with hits.open("a") as file:
            file.write(f"{self.step}\n")
        if self.instead:
            self.instead()
        else:
            os.kill(os.getpid(), signal.SIGSTOP if self.freezes else signal.SIGKILL)


def names(points: dict[str, tuple[Any, str]]) -> list[str]:
    return [f"{when} {step}" for step in points for when in ("before", "after")]


def lay(points: dict[str, tuple[Any, str]], aim: Aim, hits: Path) -> None:
    """Let this process come to its end, or to a standstill, where the aim says."""
    left = aim.turn

    def come_to(step: str) -> None:
        nonlocal left
        if step == aim.step:
            left -= 1
            if left == 0:
                aim.strike(hits)

    for step, (owner, name) in points.items():
        setattr(owner, name, _with_steps(getattr(owner, name), step, come_to))


def _with_steps(
    function: Callable[..., Any], step: str, come_to: Callable[[str], None]
) -> Callable[..., Any]:
    @wraps(function)
    def stepping(*args: Any, **kwargs: Any) -> Any:
        come_to(f"before {step}")
        answer = function(*args, **kwargs)
        come_to(f"after {step}")
        return answer

    return stepping

"""Draws docs/states.md from the tables: `python -m tests.states`."""

from collections.abc import Mapping
from enum import Enum
from pathlib import Path

from messaging.notices.states import TRANSITIONS as NOTICE_MOVES
from persons.states import TRANSITIONS as SWITCH_MOVES

FILE = Path(__file__).resolve().parent.parent / "docs" / "states.md"


def document() -> str:
    return (
        "# States\n\n"
        "Drawn from the tables by `python -m tests.states`; a test fails when it is stale.\n\n"
        "## A switch: an account's, and a relation's (persons/states.py)\n\n"
        f"{_diagram(SWITCH_MOVES)}\n"
        "Only the nightly run moves to `active` or `failed`, and from `closing` to `off`.\n"
        "\n## A notice (messaging/notices/states.py)\n\n"
        f"{_diagram(NOTICE_MOVES)}\n"
        "Back to `queued` only with proof that nothing left the house.\n"
    )


def _diagram(moves: Mapping[Enum, set[Enum]]) -> str:
    arrows = sorted(f"    {old} --> {new}" for old, news in moves.items() for new in news)
    return "\n".join(["```mermaid", "stateDiagram-v2", *arrows, "```", ""])


if __name__ == "__main__":
    FILE.write_text(document())

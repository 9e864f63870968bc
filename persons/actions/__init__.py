"""What can be done with a person, one module for each word."""

from persons.actions.switch import (
    Channels,
    Incomplete,
    Outdated,
    SwitchOn,
    decline,
    missing_before_switch_on,
    switch_off,
    switch_on,
    undo_switch_on,
)

__all__ = [
    "Channels",
    "Incomplete",
    "Outdated",
    "SwitchOn",
    "decline",
    "missing_before_switch_on",
    "switch_off",
    "switch_on",
    "undo_switch_on",
]

"""What can be done with a person, one module for each word."""

from persons.actions.cases import (
    CaseDates,
    CaseDetails,
    change_case,
    close_case,
    open_case,
    register_case,
    transfer_case,
)
from persons.actions.details import (
    PersonDetails,
    change_details,
    confirm_mobile,
    prove_mobile,
)
from persons.actions.registering import confirm, refuse, register
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
    "CaseDates",
    "CaseDetails",
    "Channels",
    "Incomplete",
    "Outdated",
    "PersonDetails",
    "SwitchOn",
    "change_case",
    "change_details",
    "close_case",
    "confirm",
    "confirm_mobile",
    "decline",
    "missing_before_switch_on",
    "open_case",
    "prove_mobile",
    "refuse",
    "register",
    "register_case",
    "switch_off",
    "switch_on",
    "transfer_case",
    "undo_switch_on",
]

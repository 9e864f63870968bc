"""The states of a switch: an account's, and a relation's (the same, less the wish)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SwitchState(TextChoices):
    OFF = "off", _("Inte påkopplad")
    PENDING = "pending", _("Väntar på synkning")
    ACTIVE = "active", _("Kan användas")
    FAILED = "failed", _("Synkningen gick inte igenom")
    CLOSING = "closing", _("Stängs av")
    PENDING_CHANGE = "pending_change", _("Kan användas, ändring väntar på synkning")


# What may follow what. Only the nightly run takes the moves in BY_THE_NIGHT.
TRANSITIONS: dict[SwitchState, set[SwitchState]] = {
    SwitchState.OFF: {SwitchState.PENDING},
    SwitchState.PENDING: {
        SwitchState.ACTIVE,
        SwitchState.FAILED,
        SwitchState.OFF,
        SwitchState.CLOSING,
    },
    SwitchState.FAILED: {SwitchState.PENDING, SwitchState.CLOSING},
    SwitchState.ACTIVE: {SwitchState.CLOSING, SwitchState.PENDING_CHANGE},
    SwitchState.PENDING_CHANGE: {SwitchState.ACTIVE, SwitchState.CLOSING},
    SwitchState.CLOSING: {SwitchState.OFF, SwitchState.PENDING},
}

# What a successful answer from the other side makes of a row.
BY_THE_NIGHT: dict[SwitchState, SwitchState] = {
    SwitchState.PENDING: SwitchState.ACTIVE,
    SwitchState.PENDING_CHANGE: SwitchState.ACTIVE,
    SwitchState.CLOSING: SwitchState.OFF,
}

# What a change of the facts beside it makes of a row. In every other state it stays as it is.
BY_A_CHANGE: dict[SwitchState, SwitchState] = {
    SwitchState.ACTIVE: SwitchState.PENDING_CHANGE,
    SwitchState.FAILED: SwitchState.PENDING,
}

# Our own door is open in these states, and shut at once in every other.
OPEN = frozenset({SwitchState.ACTIVE, SwitchState.PENDING_CHANGE})

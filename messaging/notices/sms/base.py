"""What an SMS gateway must do. A new one is one file; its provider's words stop inside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.urls import reverse

from messaging.notices.states import NoticeState
from web import clock

# The least that a provider may remember: Twilio can be told to forget after a week, and 46elks
# does not say how long it keeps.
REMEMBERED = timedelta(days=7)


@dataclass(frozen=True)
class Sms:
    to: str
    sender: str
    text: str
    reference: str
    # The provider's own id, once it is known.
    provider_id: str = field(default="", compare=False)
    # After so long the provider gives up. A stuck queue must not deliver at night.
    valid_seconds: int = field(default=4 * 60 * 60, compare=False)
    # It cannot have left before this. A look-up by text goes back so far.
    since: datetime = field(default_factory=clock.machine_now, compare=False)


@dataclass(frozen=True)
class Receipt:
    """The provider has taken it. `state` is what is known already: accepted at least."""

    provider_id: str
    state: NoticeState = NoticeState.ACCEPTED
    # As the provider says it: why it did not arrive, and its own word for the state.
    code: str = ""
    status: str = ""


@dataclass(frozen=True)
class Shown:
    """One of those that a provider shows that it has taken for a number."""

    text: str
    created: datetime
    receipt: Receipt


@dataclass(frozen=True)
class Callback:
    """What somebody has sent to the address of one notice, not yet believed.

    `url` begins with `PUBLIC_BASE_URL`, whatever a proxy or a stranger calls this host.
    """

    url: str
    reference: str
    fields: Mapping[str, str]
    headers: Mapping[str, str]


class NotTaken(Exception):
    """It provably never left, or the provider said no for now: try again later."""

    def __init__(self, code: str = "not_taken") -> None:
        super().__init__(code)
        self.code = code


class Unavailable(NotTaken):
    """Nothing is taken now, whose notice it may be: not reached, or too many at once."""


class Misconfigured(Unavailable):
    """Nothing is taken until a person has mended it: credentials, sender, a region that is off."""


class WrongAddress(Exception):
    """The provider will never accept this address. `code` is the provider's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class OptedOut(WrongAddress):
    """The receiver has told the provider to take nothing from us."""


class Unknown(Exception):
    """We do not know whether the provider took it: a person may have it already."""


class Forged(Exception):
    """The callback cannot be shown to be the provider's, about this very notice."""


def callback_address(gateway: str, reference: str) -> str:
    """Where the provider tells what became of one SMS. It carries nothing but our random id."""
    path = reverse("sms_callback", args=[gateway, reference])
    return f"{settings.PUBLIC_BASE_URL}{path}"


def same_text(sms: Sms, shown: Sequence[Shown], *, at_most: int) -> list[Receipt]:
    """Those that may be this SMS, out of what a provider shows, the newest first.

    Raises Unknown where it may have taken more than it shows.
    """
    forgotten = sms.since < clock.machine_now() - REMEMBERED
    if forgotten or (len(shown) >= at_most and shown[-1].created >= sms.since):
        raise Unknown
    return [one.receipt for one in shown if one.text == sms.text and one.created >= sms.since]


class SmsGateway(Protocol):
    # Also a part of the address that the provider calls back.
    name: str

    def send(self, sms: Sms) -> Receipt:
        """Hand over one SMS. Raises NotTaken, WrongAddress, OptedOut or Unknown, nothing else."""
        ...

    def find(self, sms: Sms) -> list[Receipt]:
        """All that may be this SMS: none when the provider has never seen it.

        Raises NotTaken when the provider cannot answer now, Unknown when it never can.
        """
        ...

    def parse_callback(self, callback: Callback) -> Receipt:
        """What the provider tells. Raises Forged, nothing else."""
        ...

"""What an SMS gateway must do. A new one is one file; its provider's words stop inside it."""

from dataclasses import dataclass
from typing import Protocol

from messaging.notices.states import NoticeState


@dataclass(frozen=True)
class Sms:
    to: str
    sender: str
    text: str
    reference: str


@dataclass(frozen=True)
class Receipt:
    """The provider has taken it. `state` is what is known already: accepted at least."""

    provider_id: str
    state: NoticeState = NoticeState.ACCEPTED


class NotTaken(Exception):
    """It provably never left, or the provider said no for now: try again later."""


class WrongAddress(Exception):
    """The provider will never accept this address. `code` is the provider's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class OptedOut(WrongAddress):
    """The receiver has told the provider to take nothing from us."""


class Unknown(Exception):
    """We do not know whether the provider took it: a person may have it already."""


class SmsGateway(Protocol):
    name: str

    def send(self, sms: Sms) -> Receipt:
        """Hand over one SMS. Raises NotTaken, WrongAddress, OptedOut or Unknown, nothing else."""
        ...

    def find(self, sms: Sms) -> Receipt | None:
        """What became of an SMS that is in doubt; None when the provider has never seen it.

        Raises NotTaken when the provider cannot answer now, Unknown when it never can.
        """
        ...

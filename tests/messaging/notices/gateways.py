"""SMS providers that behave badly, named by dotted path."""

from messaging.notices.sms.base import (
    Callback,
    Forged,
    NotTaken,
    OptedOut,
    Receipt,
    Sms,
    Unknown,
    WrongAddress,
)
from messaging.notices.states import NoticeState

taken: list[Sms] = []


class Provider:
    """Takes everything."""

    name = "provider"

    def send(self, sms: Sms) -> Receipt:
        taken.append(sms)
        return Receipt(f"id-{len(taken)}", NoticeState.ACCEPTED)

    def find(self, sms: Sms) -> Receipt | None:
        found = Receipt(f"id-of-{sms.reference}", NoticeState.DELIVERED)
        return found if sms in taken else None

    def parse_callback(self, callback: Callback) -> Receipt:
        """Believed when it knows the word: a signature without arithmetic."""
        if callback.headers.get("X-Word") != "sesame":
            raise Forged
        fields = callback.fields
        state = NoticeState(fields["status"])
        return Receipt(fields["id"], state, fields.get("code", ""), fields["status"])


class Busy(Provider):
    def send(self, sms: Sms) -> Receipt:
        raise NotTaken


class NoSuchNumber(Provider):
    def send(self, sms: Sms) -> Receipt:
        raise WrongAddress("21211")


class Unwanted(Provider):
    def send(self, sms: Sms) -> Receipt:
        raise OptedOut("21610")


class Silent(Provider):
    """Takes it, and never answers."""

    def send(self, sms: Sms) -> Receipt:
        super().send(sms)
        raise Unknown


class Deaf(Provider):
    """Never takes it, and never answers."""

    def send(self, sms: Sms) -> Receipt:
        raise Unknown


class Broken(Provider):
    def send(self, sms: Sms) -> Receipt:
        raise ZeroDivisionError


class Nosy(Deaf):
    """Cannot be asked afterwards."""

    def find(self, sms: Sms) -> Receipt | None:
        raise Unknown


class Killed(BaseException):
    pass


class KillsTheWorker(Provider):
    """The process dies after the provider has taken it."""

    def send(self, sms: Sms) -> Receipt:
        super().send(sms)
        raise Killed

"""SMS providers that behave badly, named by dotted path."""

from messaging.notices.sms.base import (
    Callback,
    Forged,
    NotTaken,
    OptedOut,
    Receipt,
    Shown,
    Sms,
    Unknown,
    WrongAddress,
    same_text,
)
from messaging.notices.states import NoticeState
from web import clock

taken: list[Sms] = []
shown: list[tuple[str, Shown]] = []


class Provider:
    """Takes everything."""

    name = "provider"

    def send(self, sms: Sms) -> Receipt:
        taken.append(sms)
        return Receipt(f"id-{len(taken)}", NoticeState.ACCEPTED)

    def find(self, sms: Sms) -> list[Receipt]:
        found = Receipt(f"id-of-{sms.reference}", NoticeState.DELIVERED)
        return [found] if sms in taken else []

    def parse_callback(self, callback: Callback) -> Receipt:
        """Believed when it knows the word: a signature without arithmetic."""
        if callback.headers.get("X-Word") != "sesame":
            raise Forged
        fields = callback.fields
        state = NoticeState(fields["status"])
        return Receipt(fields["id"], state, fields.get("code", ""), fields["status"])


class ByText(Provider):
    """Knows nothing of our reference, as a real one: it finds by number, text and time."""

    def send(self, sms: Sms) -> Receipt:
        receipt = super().send(sms)
        shown.insert(0, (sms.to, Shown(sms.text, clock.machine_now(), receipt)))
        return receipt

    def find(self, sms: Sms) -> list[Receipt]:
        return same_text(sms, [one for to, one in shown if to == sms.to], at_most=100)


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

    def find(self, sms: Sms) -> list[Receipt]:
        raise Unknown


class Killed(BaseException):
    pass


class KillsTheWorker(Provider):
    """The process dies after the provider has taken it."""

    def send(self, sms: Sms) -> Receipt:
        super().send(sms)
        raise Killed

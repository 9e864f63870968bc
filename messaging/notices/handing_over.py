"""To whom a notice is given: the first gateway, or the reserve if that provably took nothing."""

import time
from datetime import datetime, timedelta

from messaging.notices import breaker, email, sms, sms_hours
from messaging.notices.models import Channel, Notice
from messaging.notices.sms.base import (
    NotTaken,
    Receipt,
    Sms,
    SmsGateway,
    Unavailable,
    Unknown,
    WrongAddress,
)
from messaging.notices.states import NoticeState
from staff.models import Municipality
from web import clock

EMAIL = "email"
# How far the clocks of a provider and of us may be apart.
MARGIN = timedelta(seconds=60)


def names(channel: str) -> list[str]:
    """Those that the notices of a channel may go through, the preferred first."""
    return [EMAIL] if channel == Channel.EMAIL else sms.names()


def first_open(channel: str) -> str | None:
    return next((name for name in names(channel) if breaker.is_open(name)), None)


class Lines:
    """To the providers. Kept from one notice to the next: opening one costs more than sending."""

    def __init__(self) -> None:
        self.email = email.Line()
        self._gateways: dict[str, SmsGateway] = {}
        self.municipality = Municipality.load()

    def gateway(self, name: str) -> SmsGateway:
        if name not in self._gateways:
            self._gateways[name] = _gateway(name)
        return self._gateways[name]

    def close(self) -> None:
        self.email.close()


def hand_over(notice: Notice, deadline: float, lines: Lines, well: set[str]) -> Receipt:
    """Raises NotTaken, WrongAddress, OptedOut or Unknown.

    Those that are `well` are asked for no turn, and are taken out when something goes wrong.
    """
    fault: NotTaken = Unavailable("waits")
    for name in names(notice.channel):
        if name not in well:
            turn = breaker.enter(name)
            if turn is None:
                continue
            time.sleep(turn)
        if not _is_ours(notice, name) or time.monotonic() > deadline:
            break
        try:
            return _call(notice, name, deadline, lines, well)
        except NotTaken as error:
            fault = error
    raise fault


def _is_ours(notice: Notice, name: str) -> bool:
    """Written down before the call: who dies in it leaves behind whom to ask."""
    if notice.provider == name:
        return True
    notice.provider = name
    ours = Notice.objects.filter(pk=notice.pk, state=NoticeState.SENDING, attempt=notice.attempt)
    return bool(ours.update(provider=name))


def _call(notice: Notice, name: str, deadline: float, lines: Lines, well: set[str]) -> Receipt:
    try:
        receipt = _send(notice, name, deadline, lines)
    except WrongAddress:
        breaker.works(name)
        raise
    except Exception as error:
        well.discard(name)
        breaker.fails(name, error, code=error.code if isinstance(error, NotTaken) else "unknown")
        raise
    if name not in well:
        breaker.works(name)
    return receipt


def _send(notice: Notice, name: str, deadline: float, lines: Lines) -> Receipt:
    if name == EMAIL:
        return lines.email.send(notice, deadline)
    return lines.gateway(name).send(_as_sms(notice, lines.municipality))


def _gateway(name: str) -> SmsGateway:
    gateway = sms.named(name)
    if gateway is None:  # it has been taken out of use
        raise Unknown
    return gateway


def _as_sms(notice: Notice, municipality: Municipality | None = None) -> Sms:
    return Sms(
        to=notice.address,
        sender=notice.sender,
        text=notice.text,
        reference=str(notice.ref),
        provider_id=notice.provider_id,
        valid_seconds=sms_hours.seconds_left(clock.machine_now(), municipality),
        since=_since(notice),
    )


def _since(notice: Notice) -> datetime:
    """A restored row does not know when it left, but nothing leaves before its time.

    The time of the backup will not do: it is when the backup was finished.
    """
    if notice.started_at is None or notice.may_have_left_since:
        return notice.not_before - MARGIN
    return notice.started_at - MARGIN


def find(notice: Notice) -> list[Receipt]:
    """What may be this notice. Asks whom it was given to; all, when nobody knows who that was."""
    if notice.channel == Channel.EMAIL:
        return email.find(notice)
    for name in [notice.provider] if notice.provider else names(notice.channel):
        receipts = _gateway(name).find(_as_sms(notice))
        if left := [one for one in receipts if not notice.is_anothers(name, one.provider_id)]:
            notice.provider = name
            return left
    return []

"""SMS through Twilio. Its error codes and exceptions stop in this file."""

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from messaging.notices.sms.base import (
    Callback,
    Forged,
    Misconfigured,
    NotTaken,
    OptedOut,
    Receipt,
    Shown,
    Sms,
    Unavailable,
    Unknown,
    WrongAddress,
    callback_address,
    same_text,
)
from messaging.notices.states import NoticeState
from persons import mobile_number

# Twilio's pages say 14,400 and 36,000: what both of them allow.
LONGEST_VALID_SECONDS = 14_400
TIMEOUT_SECONDS = 10
# How many of those to one number are looked through.
AT_MOST = 100

WRONG_ADDRESS = frozenset({21211, 21214, 21217, 21614, 21635})
OPTED_OUT = frozenset({21610})
SID = re.compile(r"(SM|MM)[0-9a-f]{32}")
CODE = re.compile(r"\d{0,6}")
# Credentials, account, sender: only a person can mend it.
MISCONFIGURED = frozenset({20003, 20005, 21212, 21408, 21603, 21606, 21659, 21660, 21701})
# A country that we may not send to. If that is Sweden, nothing at all leaves.
REGION_OFF = 21408

STATES = {
    "queued": NoticeState.ACCEPTED,
    "accepted": NoticeState.ACCEPTED,
    "scheduled": NoticeState.ACCEPTED,
    "sending": NoticeState.ACCEPTED,
    "sent": NoticeState.SENT,
    "delivered": NoticeState.DELIVERED,
    "read": NoticeState.DELIVERED,
    "undelivered": NoticeState.UNDELIVERED,
    "failed": NoticeState.FAILED,
    "canceled": NoticeState.FAILED,
    "partially_delivered": NoticeState.UNDELIVERED,
}


class Gateway:
    name = "twilio"

    def __init__(self) -> None:
        from twilio.http.http_client import TwilioHttpClient
        from twilio.rest import Client

        self._client = Client(
            settings.TWILIO_ACCOUNT_SID,
            settings.TWILIO_AUTH_TOKEN,
            region=settings.TWILIO_REGION or None,
            http_client=TwilioHttpClient(timeout=TIMEOUT_SECONDS),
        )

    def send(self, sms: Sms) -> Receipt:
        from requests import exceptions as http
        from twilio.base.exceptions import TwilioException, TwilioRestException

        try:
            message = self._client.messages.create(
                to=sms.to,
                body=sms.text,
                validity_period=min(sms.valid_seconds, LONGEST_VALID_SECONDS),
                status_callback=callback_address(self.name, sms.reference),
                **self._sender(sms),
            )
        except TwilioRestException as error:
            raise _refusal(sms, error.status, error.code) from None
        except http.ConnectTimeout as error:
            raise Unavailable("not_reached") from error
        except http.ConnectionError as error:
            # Refused and unknown hosts never took a byte; a reset may come after the last one.
            raise _connection_fault(error) from None
        except (http.RequestException, TwilioException) as error:
            raise Unknown from error
        return _found(message)

    def find(self, sms: Sms) -> list[Receipt]:
        """By its id; while we have none, those to this number with this text."""
        from requests.exceptions import RequestException
        from twilio.base.exceptions import TwilioException

        try:
            return self._by_id(sms) if sms.provider_id else self._by_text(sms)
        except (RequestException, TwilioException):
            raise NotTaken from None

    def parse_callback(self, callback: Callback) -> Receipt:
        """Signed by Twilio over our address, which has the reference, and over every field."""
        from twilio.request_validator import RequestValidator

        signature = callback.headers.get("X-Twilio-Signature", "")
        validator = RequestValidator(settings.TWILIO_AUTH_TOKEN)
        if not settings.TWILIO_AUTH_TOKEN or not validator.validate(
            callback.url, dict(callback.fields), signature
        ):
            raise Forged
        return _told(callback.fields)

    def _by_id(self, sms: Sms) -> list[Receipt]:
        from twilio.base.exceptions import TwilioRestException

        try:
            return [_found(self._client.messages(sms.provider_id).fetch())]
        except TwilioRestException as error:
            if error.status == 404:
                return []
            raise

    def _by_text(self, sms: Sms) -> list[Receipt]:
        messages = self._client.messages.list(to=sms.to, limit=AT_MOST)
        shown = [Shown(m.body, m.date_created, _found(m)) for m in messages]
        return same_text(sms, shown, at_most=AT_MOST)

    def _sender(self, sms: Sms) -> dict[str, Any]:
        if service := settings.TWILIO_MESSAGING_SERVICE_SID:
            return {"messaging_service_sid": service}
        return {"from_": sms.sender}


def _refusal(sms: Sms, status: int, code: int) -> Exception:
    if status >= 500:
        return Unknown()
    if status == 429:
        return Unavailable(str(code))
    return _kind_of_refusal(sms, status, code)(str(code))


def _kind_of_refusal(sms: Sms, status: int, code: int) -> type[NotTaken] | type[WrongAddress]:
    if code in OPTED_OUT:
        return OptedOut
    is_abroad = code == REGION_OFF and mobile_number.is_foreign(sms.to)
    if code in WRONG_ADDRESS or is_abroad:
        return WrongAddress
    if code in MISCONFIGURED or status in {401, 403}:
        return Misconfigured
    return NotTaken


def _connection_fault(error: Exception) -> Exception:
    from urllib3.exceptions import NewConnectionError

    cause = error.args[0] if error.args else None
    refused = isinstance(getattr(cause, "reason", None), NewConnectionError)
    return Unavailable("not_reached") if refused else Unknown()


def _told(fields: Mapping[str, str]) -> Receipt:
    """The signature runs names and values together, so each is looked at in its own right."""
    sid, status = fields.get("MessageSid", ""), fields.get("MessageStatus", "")
    code = fields.get("ErrorCode", "")
    ours = fields.get("AccountSid") == settings.TWILIO_ACCOUNT_SID
    hidden = "ErrorCode" not in fields and "ErrorCode" in "".join(map("".join, fields.items()))
    if hidden or not (ours and SID.fullmatch(sid) and status in STATES and CODE.fullmatch(code)):
        raise Forged
    return _receipt(sid, status, code)


def _found(message: Any) -> Receipt:
    return _receipt(message.sid, message.status, message.error_code)


def _receipt(sid: str, status: str, code: Any) -> Receipt:
    state = STATES.get(status, NoticeState.ACCEPTED)
    if code and int(code) in OPTED_OUT:
        state = NoticeState.SUPPRESSED
    return Receipt(sid, state, code=str(code or ""), status=status)

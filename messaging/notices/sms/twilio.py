"""SMS through Twilio. Its error codes and exceptions stop in this file."""

from datetime import timedelta
from typing import Any

from django.conf import settings

from messaging.notices.sms.base import NotTaken, OptedOut, Receipt, Sms, Unknown, WrongAddress
from messaging.notices.states import NoticeState
from web import clock

# A stuck queue must not deliver at night.
VALID_SECONDS = 4 * 60 * 60
TIMEOUT_SECONDS = 10

WRONG_ADDRESS = frozenset({21211, 21214, 21217, 21614, 21635})
OPTED_OUT = frozenset({21610})

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
                to=sms.to, body=sms.text, validity_period=VALID_SECONDS, **self._sender(sms)
            )
        except TwilioRestException as error:
            raise _refusal(error.status, error.code) from None
        except http.ConnectTimeout as error:
            raise NotTaken from error
        except http.ConnectionError as error:
            # Refused and unknown hosts never took a byte; a reset may come after the last one.
            raise _connection_fault(error) from None
        except (http.RequestException, TwilioException) as error:
            raise Unknown from error
        return Receipt(message.sid, STATES.get(message.status, NoticeState.ACCEPTED))

    def find(self, sms: Sms) -> Receipt | None:
        """The latest message of the last day to this number with this text."""
        from requests.exceptions import RequestException
        from twilio.base.exceptions import TwilioException

        since = clock.machine_now() - timedelta(days=1)
        try:
            messages = self._client.messages.list(to=sms.to, limit=50)
        except (RequestException, TwilioException):
            raise NotTaken from None
        for message in messages:
            if message.body == sms.text and message.date_created >= since:
                return Receipt(message.sid, STATES.get(message.status, NoticeState.ACCEPTED))
        return None

    def _sender(self, sms: Sms) -> dict[str, Any]:
        if service := settings.TWILIO_MESSAGING_SERVICE_SID:
            return {"messaging_service_sid": service}
        return {"from_": sms.sender}


def _refusal(status: int, code: int) -> Exception:
    if status >= 500:
        return Unknown()
    if code in OPTED_OUT:
        return OptedOut(str(code))
    if code in WRONG_ADDRESS:
        return WrongAddress(str(code))
    return NotTaken()


def _connection_fault(error: Exception) -> Exception:
    from urllib3.exceptions import NewConnectionError

    cause = error.args[0] if error.args else None
    refused = isinstance(getattr(cause, "reason", None), NewConnectionError)
    return NotTaken() if refused else Unknown()

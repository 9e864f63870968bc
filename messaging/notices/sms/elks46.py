"""SMS through 46elks, or whoever has the same interface: a Swedish provider within the EEA.

It has no time limit for an SMS that waits for a telephone, so what it takes may arrive later than
`valid_seconds`. It signs no callback, so the address that it is given carries a proof of our own.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.core.signing import BadSignature, Signer

from messaging.notices.sms.base import (
    Callback,
    Forged,
    Misconfigured,
    NotTaken,
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

TIMEOUT_SECONDS = (3.05, 10)
# As many as it shows at once.
AT_MOST = 100
SALT = "messaging.notices.sms.elks46"
# What it says in words, when a number cannot be sent to.
WRONG_ADDRESS = ("to:", "invalid phone", "invalid number")

STATES = {
    "created": NoticeState.ACCEPTED,
    "sent": NoticeState.SENT,
    "delivered": NoticeState.DELIVERED,
    "failed": NoticeState.UNDELIVERED,
}


class Gateway:
    name = "46elks"

    def __init__(self) -> None:
        from requests import Session

        self._session = Session()

    def send(self, sms: Sms) -> Receipt:
        from requests import exceptions as http

        fields = {
            "from": sms.sender,
            "to": sms.to,
            "message": sms.text,
            "whendelivered": _proven_address(self.name, sms.reference),
        }
        try:
            answer = self._ask("POST", "sms", data=fields)
        except http.ConnectTimeout as error:
            raise Unavailable("not_reached") from error
        except http.ConnectionError as error:
            # Refused and unknown hosts never took a byte; a reset may come after the last one.
            raise connection_fault(error) from None
        except http.RequestException as error:
            raise Unknown from error
        return _taken(answer)

    def find(self, sms: Sms) -> list[Receipt]:
        """By its id; while we have none, those to this number with this text."""
        from requests.exceptions import RequestException

        try:
            if sms.provider_id:
                return self._by_id(sms.provider_id)
            return self._by_text(sms)
        except (RequestException, ValueError, KeyError):
            raise NotTaken from None

    def parse_callback(self, callback: Callback) -> Receipt:
        """It comes to an address that only 46elks and we know, and that is about one notice."""
        fields = callback.fields
        proofs = parse_qs(urlsplit(callback.url).query).get("bevis", [])
        if not any(_proves(callback.reference, proof) for proof in proofs):
            raise Forged
        if not fields.get("id", "").isalnum() or fields.get("status") not in STATES:
            raise Forged
        return _receipt(fields)

    def _by_id(self, provider_id: str) -> list[Receipt]:
        if not provider_id.isalnum():
            return []
        answer = self._ask("GET", f"sms/{provider_id}")
        if answer.status_code == 404:
            return []
        return [_receipt(_content(answer))]

    def _by_text(self, sms: Sms) -> list[Receipt]:
        answer = self._ask("GET", "sms", params={"to": sms.to, "limit": AT_MOST})
        shown = [_shown(row) for row in _content(answer)["data"]]
        return same_text(sms, shown, at_most=AT_MOST)

    def _ask(self, method: str, path: str, **fields: Any) -> Any:
        return self._session.request(
            method,
            f"{settings.ELKS46_URL}/{path}",
            auth=(settings.ELKS46_USERNAME, settings.ELKS46_PASSWORD),
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
            **fields,
        )


def _proven_address(gateway: str, reference: str) -> str:
    proof = Signer(salt=SALT).signature(reference)
    return f"{callback_address(gateway, reference)}?{urlencode({'bevis': proof})}"


def _proves(reference: str, proof: str) -> bool:
    signer = Signer(salt=SALT)
    try:
        signer.unsign(f"{reference}{signer.sep}{proof}")
    except BadSignature:
        return False
    return True


def _taken(answer: Any) -> Receipt:
    status = answer.status_code
    if status == 200:
        try:
            return _receipt(answer.json())
        except (ValueError, KeyError) as error:
            raise Unknown from error
    if status == 429:
        raise Unavailable("429")
    if status in {401, 402, 403}:
        raise Misconfigured(str(status))
    if 400 <= status < 500:
        raise _refusal(status, answer.text.lower())
    raise Unknown


def _refusal(status: int, words: str) -> Exception:
    if any(said in words for said in WRONG_ADDRESS):
        return WrongAddress("to")
    return Misconfigured("from") if "from" in words else NotTaken(str(status))


def _content(answer: Any) -> Any:
    answer.raise_for_status()
    return answer.json()


def _receipt(row: Mapping[str, Any]) -> Receipt:
    status = str(row.get("status", ""))
    return Receipt(row["id"], STATES.get(status, NoticeState.ACCEPTED), status=status)


def _shown(row: dict[str, Any]) -> Shown:
    created = datetime.fromisoformat(row["created"]).replace(tzinfo=UTC)
    return Shown(row.get("message", ""), created, _receipt(row))


def connection_fault(error: Exception) -> Exception:
    from urllib3.exceptions import NewConnectionError

    cause = error.args[0] if error.args else None
    refused = isinstance(getattr(cause, "reason", None), NewConnectionError)
    return Unavailable("not_reached") if refused else Unknown()

"""Writes to the log that an SMS would have left. For development: it sends nothing."""

import structlog

from messaging.notices.sms.base import Callback, Forged, Receipt, Sms

log = structlog.get_logger(__name__)


class Gateway:
    name = "console"

    def send(self, sms: Sms) -> Receipt:
        log.info("sms to console", notice=sms.reference)
        return Receipt(sms.reference)

    def find(self, sms: Sms) -> list[Receipt]:
        return []

    def parse_callback(self, callback: Callback) -> Receipt:
        raise Forged  # there is nobody to call back

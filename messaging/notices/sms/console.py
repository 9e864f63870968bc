"""Writes to the log that an SMS would have left. For development: it sends nothing."""

import structlog

from messaging.notices.sms.base import Receipt, Sms

log = structlog.get_logger(__name__)


class Gateway:
    name = "console"

    def send(self, sms: Sms) -> Receipt:
        log.info("sms to console", notice=sms.reference)
        return Receipt(sms.reference)

    def find(self, sms: Sms) -> Receipt | None:
        return None

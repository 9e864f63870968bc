"""Writes each SMS to a file, which the demo's page "Utkorg" shows."""

import json
from dataclasses import asdict
from pathlib import Path

from django.conf import settings

from messaging.notices.sms.base import Callback, Forged, Receipt, Sms
from messaging.notices.states import NoticeState
from web import clock


class Gateway:
    name = "outbox"

    def send(self, sms: Sms) -> Receipt:
        path = self._path(sms)
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".half")
        half.write_text(json.dumps(asdict(sms) | {"at": clock.now().isoformat()}, default=str))
        # At once whole, as a provider takes a message or does not.
        half.replace(path)
        return self._receipt(sms)

    def find(self, sms: Sms) -> list[Receipt]:
        return [self._receipt(sms)] if self._path(sms).exists() else []

    def parse_callback(self, callback: Callback) -> Receipt:
        raise Forged  # there is nobody to call back

    def _path(self, sms: Sms) -> Path:
        return Path(settings.OUTBOX_DIR) / f"{sms.reference}.sms.json"

    def _receipt(self, sms: Sms) -> Receipt:
        return Receipt(sms.reference, NoticeState.DELIVERED)

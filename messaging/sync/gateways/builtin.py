"""The e-service is this product's own inbox: what our rows say is already true there."""

from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from messaging.sync.gateways.base import Answer, Change


class Gateway:
    ready = Q()

    def push(self, batch: Sequence[Change]) -> Sequence[Answer]:
        return [Answer(key=change.key, refusal=self._refusal(change)) for change in batch]

    def _refusal(self, change: Change) -> str:
        """The same words whatever the reason: who is protected must not show."""
        if change.is_open and change.is_barred:
            return _("Kan inte kopplas på. Prata med enhetschefen.")
        return ""

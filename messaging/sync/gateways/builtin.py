"""The e-service is this product's own inbox: what our rows say is already true there."""

from collections.abc import Sequence

from django.db.models import Q

from messaging.sync.gateways.base import Answer, Change


class Gateway:
    ready = Q()
    asks_nobody = True

    def push(self, batch: Sequence[Change]) -> Sequence[Answer]:
        return [Answer(change.key) for change in batch]

"""A case system without an interface, as Lifecare today: people tick the boxes there.

What waits is a list for those who work with the person (onboarding/boxes.py). Who has ticked says
so, and the night takes only what somebody has said so of, exactly as it stands now.
"""

from collections.abc import Sequence

from django.conf import settings
from django.db.models import F, Q

from messaging.sync.gateways.base import Answer, Change
from persons.models import Switch
from persons.states import SwitchState


class Gateway:
    ready = Q(confirmed_version=F("version"))
    asks_nobody = True

    def push(self, batch: Sequence[Change]) -> Sequence[Answer]:
        return [Answer(change.key) for change in batch]


def is_chosen() -> bool:
    path: str = settings.SYNC_GATEWAY
    return path == f"{__name__}.Gateway"


def is_awaited(row: Switch) -> bool:
    """Whether somebody is to tick boxes before the night can take the row."""
    told = row.version == row.synced_version or row.state == SwitchState.OFF
    return is_chosen() and not told and row.confirmed_version != row.version


def has_no_date(row: Switch) -> bool:
    """Whether nobody can say from when it can be used: no night takes it before somebody ticks."""
    return is_awaited(row) and not row.is_usable

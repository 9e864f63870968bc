"""What a mistake must not do: close very many at once, with nobody asked."""

from django.conf import settings
from django.db.models import Count, Q
from django.utils.module_loading import import_string

from messaging.sync.models import SyncRun
from persons.models import EServiceAccount, Switch
from persons.states import SwitchState
from relations.models import Relation

SYNCED: tuple[type[Switch], ...] = (EServiceAccount, Relation)
ALWAYS_ALLOWED = 5
PER_CENT = 2


def waiting() -> dict[type[Switch], dict[str, int]]:
    """Of each kind: how many the next run would take, and close."""
    counts = {"due": Count("pk"), "closing": Count("pk", filter=Q(state=SwitchState.CLOSING))}
    return {
        model: model._default_manager.due().filter(ready()).aggregate(**counts) for model in SYNCED
    }


def must_ask(this: SyncRun, closing: int) -> bool:
    """Whether tonight would close more than 5 and more than 2 %, and nobody has said yes to it."""
    if closing != this.closing_count:
        this.closing_count = closing
        this.save(update_fields=["closing_count"])
    # Whom the other side knows is counted last: most nights close few.
    return closing > max(ALWAYS_ALLOWED, this.closings_allowed or 0) and closing > limit()


def ready() -> Q:
    """What a run may hand over. Asked of the class: no other side is needed for it."""
    condition: Q = import_string(settings.SYNC_GATEWAY).ready
    return condition


def limit() -> int:
    return max(ALWAYS_ALLOWED, _open_there() * PER_CENT // 100)


def _open_there() -> int:
    """Those that the other side knows."""
    known = {"synced_version__gt": 0}
    return sum(
        model._default_manager.filter(**known).exclude(state=SwitchState.OFF).count()
        for model in SYNCED
    )

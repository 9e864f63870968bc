"""One row as the other side reads it, and its answer: the same JSON over http and in files.

Described in docs/e-service.openapi.yml. Their words stop here.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from messaging.sync.gateways.base import Answer, Change, Held, Reading, Unavailable

# What the other side may say of a row that it will not take, in words for who switched on.
REASONS = {
    "unknown_person": gettext_lazy(
        "Personnumret finns inte i e-tjänsten. Kontrollera personnumret."
    ),
    "bad_mobile": gettext_lazy("E-tjänsten tar inte emot mobilnumret. Kontrollera numret."),
    "bad_email": gettext_lazy("E-tjänsten tar inte emot e-postadressen. Kontrollera adressen."),
    "newer_version": gettext_lazy(
        "E-tjänsten har en nyare uppgift än vi. Prata med systemförvaltningen."
    ),
}


def id_of(change: Change) -> str:
    """Stays the same for as long as the row lives, also when the identity number is corrected."""
    return f"{change.kind}-{change.key}"


def record(change: Change) -> dict[str, Any]:
    """Nothing to write to where nobody may write, and none of it when it is closed."""
    sms = change.mobile_e164 if change.is_open and change.notify_by_sms else None
    email = change.email if change.is_open and change.notify_by_email else None
    return {
        "id": id_of(change),
        "version": change.version,
        "open": change.is_open,
        "person": change.identity_number,
        "acts_for": change.acts_for or None,
        "sms": sms,
        "email": email,
    }


def held(row: Any, kind: str) -> Held:
    """Raises Unavailable when it is not a row as described: better nothing than a guess."""
    try:
        key = int(str(row["id"]).removeprefix(f"{kind}-"))
        return Held(key, int(row["version"]), bool(row["open"]), content=row)
    except (KeyError, TypeError, ValueError):
        raise Unavailable("not a row") from None


def reading(row: Any) -> Reading:
    """Raises Unavailable when it is not a row as described, and one without a zone is not."""
    try:
        key = int(str(row["id"]).removeprefix("account-"))
        at = datetime.fromisoformat(row["read_at"])
    except (KeyError, TypeError, ValueError):
        raise Unavailable("not a reading") from None
    if at.tzinfo is None:
        raise Unavailable("no zone")
    return Reading(key, at)


def closed(row: Held) -> dict[str, Any]:
    theirs: dict[str, Any] = row.content
    return theirs | {"version": row.version, "open": False, "sms": None, "email": None}


def answers(records: Iterable[Any], batch: Sequence[Change]) -> list[Answer]:
    """What concerns the batch. A row without a yes or a no has no answer, and waits."""
    asked = {(id_of(change), change.version): change.key for change in batch}
    found = []
    for said in records:
        if not isinstance(said, dict):
            continue
        key = asked.get((str(said.get("id")), _version(said)))
        if key is None:
            continue
        if said.get("result") == "accepted":
            found.append(Answer(key))
        elif said.get("result") == "refused":
            found.append(Answer(key, _reason(said.get("reason"))))
    return found


def _version(said: dict[str, Any]) -> int:
    version = said.get("version")
    return version if isinstance(version, int) else -1


def _reason(code: Any) -> str:
    words = REASONS.get(str(code))
    return str(words or _("E-tjänsten tog inte emot uppgiften. Prata med systemförvaltningen."))

"""Publishing a text, which others may quote."""

from messaging.sheet import actions as sheet
from messaging.wording import actions as wording
from messaging.wording.kinds import Kind, Medium
from messaging.wording.models import Text
from staff.models import User


def publish(*, version: Text, by: User) -> None:
    """Raises Refused, also where the information sheet would no longer be one page, NotAllowed."""
    if (version.kind, version.medium) == (Kind.NEW_MESSAGE, Medium.SMS):
        sheet.require_room_for(version)
    wording.publish(version=version, by=by)

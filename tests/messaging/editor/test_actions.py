import pytest

from messaging.editor import actions
from messaging.wording import actions as wording
from messaging.wording import in_use
from messaging.wording.actions import Refused
from messaging.wording.kinds import Kind, Medium
from messaging.wording.models import Text
from staff.models import Role
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def waiting(body: str) -> Text:
    karin = UserFactory(role=Role.TEMPLATE_EDITOR)
    in_use.find(Kind.NEW_MESSAGE, Medium.SMS)
    text = Text(kind=Kind.NEW_MESSAGE, medium=Medium.SMS, language="sv", body=body)
    text = wording.save_draft(draft=text, seen_edits=0, by=karin)
    wording.submit(version=text, by=karin)
    return text


def test_an_sms_for_which_the_sheet_has_no_room_is_not_published():
    """Else no welcome could be sent: the sheet goes with it, and quotes the SMS."""
    text = waiting("Ett meddelande finns.\n" * 60)

    with pytest.raises(Refused) as refused:
        actions.publish(version=text, by=UserFactory(role=Role.SYSTEM_ADMIN))

    assert "Informationsbladet citerar texten. Svenska:" in refused.value.problems["body"][0]
    assert in_use.find(Kind.NEW_MESSAGE, Medium.SMS).version == 1


def test_an_sms_that_the_sheet_has_room_for_is_published():
    text = waiting("Du har fått ett meddelande.")

    actions.publish(version=text, by=UserFactory(role=Role.SYSTEM_ADMIN))

    assert in_use.find(Kind.NEW_MESSAGE, Medium.SMS) == text

import pytest

from messaging.wording import delivered, in_use
from messaging.wording.kinds import Kind, Medium
from messaging.wording.models import Text
from messaging.wording.states import VersionState

pytestmark = pytest.mark.django_db


class TestFind:
    def test_begins_with_the_text_that_came_with_the_product(self):
        text = in_use.find(Kind.TEST, Medium.SMS)

        assert text.body.startswith("Test från {kommunen}.")
        assert (text.version, text.written_by, text.published_by) == (1, None, None)
        assert in_use.find(Kind.TEST, Medium.SMS) == text

    def test_gives_swedish_where_nobody_has_approved_the_language(self):
        assert in_use.find(Kind.NEW_MESSAGE, Medium.SMS, "en").language == "en"
        assert in_use.find(Kind.NEW_MESSAGE, Medium.SMS, "ar").language == "sv"

    def test_gives_a_language_once_its_text_is_published(self):
        Text.objects.create(
            kind="test", medium="sms", language="so", body="Tijaabo", version=1,
            state=VersionState.PUBLISHED,
        )  # fmt: skip

        assert in_use.find(Kind.TEST, Medium.SMS, "so").body == "Tijaabo"

    def test_never_gives_what_is_only_a_draft(self):
        Text.objects.create(kind="test", medium="sms", language="so", body="Tijaabo", version=1)

        assert in_use.find(Kind.TEST, Medium.SMS, "so").language == "sv"

    def test_gives_what_came_with_the_product_though_a_draft_was_begun_before(self):
        draft = Text.objects.create(kind="test", medium="sms", language="sv", body="Ny", version=1)

        text = in_use.find(Kind.TEST, Medium.SMS)

        assert text.body.startswith("Test från {kommunen}.")
        assert (draft.version, text.version) == (1, 2)
        assert in_use.find(Kind.TEST, Medium.SMS) == text


class TestAvailable:
    def test_is_what_came_with_the_product_and_what_has_been_approved(self):
        Text.objects.create(
            kind="test", medium="sms", language="so", body="Tijaabo", version=1,
            state=VersionState.PUBLISHED,
        )  # fmt: skip
        Text.objects.create(kind="test", medium="sms", language="ar", body="Ny", version=1)

        assert in_use.available(Kind.TEST, Medium.SMS) == {"sv", "so"}


class TestDelivered:
    def test_are_all_without_fault(self):
        in_use.deliver_all()

        assert Text.objects.count() == len(delivered.texts()) == 12
        assert [text for text in Text.objects.all() if text.problems()] == []

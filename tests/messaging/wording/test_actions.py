import pytest
from django.core.exceptions import PermissionDenied

from messaging.wording import actions
from messaging.wording.models import Text, VersionEvent
from messaging.wording.states import TRANSITIONS, VersionState
from messaging.wording.versions import NotAllowed
from staff.models import Role
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

S = VersionState


@pytest.fixture
def karin():
    return UserFactory(role=Role.TEMPLATE_EDITOR)


@pytest.fixture
def erik():
    return UserFactory(role=Role.TEMPLATE_EDITOR)


def words(body: str, **key: str) -> Text:
    return Text(**{"kind": "test", "medium": "sms", "language": "sv", "body": body} | key)


def draft(body, *, by, seen_edits=0, **key) -> Text:
    return actions.save_draft(draft=words(body, **key), seen_edits=seen_edits, by=by)


def waiting(body, *, by) -> Text:
    text = draft(body, by=by)
    actions.submit(version=text, by=by)
    return text


def published(body, *, by, colleague) -> Text:
    text = waiting(body, by=by)
    actions.publish(version=text, by=colleague)
    return text


def state(text: Text) -> str:
    text.refresh_from_db()
    return text.state


class TestSaveDraft:
    def test_begins_a_version_of_its_own(self, karin, erik):
        published("Test ett", by=karin, colleague=erik)

        text = draft("Test två", by=karin)

        assert (text.version, text.state, text.written_by) == (2, S.DRAFT, karin)

    def test_keeps_one_draft_of_each_text(self, karin):
        first = draft("Test ett", by=karin)

        second = draft("Test två", by=karin, seen_edits=first.edits)
        other = draft("A test", by=karin, language="en")

        assert (second.pk, second.body) == (first.pk, "Test två")
        assert other.version == 1

    def test_twice_is_one_draft(self, karin):
        draft("Test ett", by=karin)

        draft("Test ett", by=karin)

        assert Text.objects.count() == 1
        assert VersionEvent.objects.count() == 1

    def test_refuses_to_write_over_what_a_colleague_wrote_meanwhile(self, karin, erik):
        seen = draft("Test ett", by=karin)
        draft("Test två", by=erik, seen_edits=seen.edits)

        with pytest.raises(NotAllowed):
            draft("Test tre", by=karin, seen_edits=seen.edits)

        assert Text.objects.get().body == "Test två"

    def test_refuses_to_begin_again_what_was_published_meanwhile(self, karin, erik):
        published("Test ett", by=karin, colleague=erik)

        with pytest.raises(NotAllowed):
            draft("Test två", by=karin, seen_edits=1)

    def test_refuses_to_change_what_waits_for_approval(self, karin):
        text = waiting("Test ett", by=karin)

        with pytest.raises(NotAllowed):
            draft("Test två", by=karin, seen_edits=text.edits)

    @pytest.mark.parametrize("role", set(Role) - {Role.TEMPLATE_EDITOR, Role.SYSTEM_ADMIN})
    def test_is_for_those_who_may_write_texts(self, role):
        with pytest.raises(PermissionDenied):
            draft("Test ett", by=UserFactory(role=role))

        assert not Text.objects.exists()


class TestPublish:
    def test_puts_the_words_in_the_place_of_the_old_ones(self, karin, erik):
        old = published("Test ett", by=karin, colleague=erik)

        new = published("Test två", by=erik, colleague=karin)

        assert (state(old), state(new)) == (S.ARCHIVED, S.PUBLISHED)
        assert (new.published_by, new.written_by) == (karin, erik)

    def test_refuses_everybody_who_has_written_in_it(self, karin, erik):
        first = draft("Test ett", by=karin)
        text = draft("Test två", by=erik, seen_edits=first.edits)
        actions.submit(version=text, by=erik)

        for writer in (karin, erik):
            with pytest.raises(PermissionDenied):
                actions.publish(version=text, by=writer)

        assert state(text) == S.WAITING

    def test_refuses_who_may_not_write_texts(self, karin):
        text = waiting("Test ett", by=karin)

        with pytest.raises(PermissionDenied):
            actions.publish(version=text, by=UserFactory(role=Role.UNIT_MANAGER))

    def test_refuses_words_that_were_changed_since_they_were_read(self, karin, erik):
        read = waiting("Test ett", by=karin)
        again = Text.objects.get(pk=read.pk)
        actions.take_back(version=again, by=karin)
        changed = draft("Test två", by=karin, seen_edits=again.edits)
        actions.submit(version=changed, by=karin)

        with pytest.raises(NotAllowed):
            actions.publish(version=read, by=erik)

        assert state(read) == S.WAITING

    def test_refuses_a_draft(self, karin, erik):
        text = draft("Test ett", by=karin)

        with pytest.raises(NotAllowed):
            actions.publish(version=text, by=erik)

    def test_is_written_down_step_by_step(self, karin, erik):
        published("Test ett", by=karin, colleague=erik)

        events = VersionEvent.objects.order_by("pk").values_list("by", "from_state", "to_state")
        assert list(events) == [
            (karin.pk, "", S.DRAFT),
            (karin.pk, S.DRAFT, S.WAITING),
            (erik.pk, S.WAITING, S.PUBLISHED),
        ]


class TestRestore:
    def test_makes_a_new_draft_of_the_old_words(self, karin, erik):
        old = published("Test ett", by=karin, colleague=erik)
        published("Test två", by=karin, colleague=erik)
        old.refresh_from_db()

        text = actions.restore(version=old, by=erik)

        assert (text.version, text.body, text.state) == (3, "Test ett", S.DRAFT)
        assert state(old) == S.ARCHIVED

    def test_never_writes_over_a_draft(self, karin, erik):
        old = published("Test ett", by=karin, colleague=erik)
        draft("Test två", by=karin)

        with pytest.raises(NotAllowed):
            actions.restore(version=old, by=erik)


class TestMove:
    @pytest.mark.parametrize("old", VersionState)
    @pytest.mark.parametrize("new", VersionState)
    def test_follows_the_table(self, karin, old, new):
        text = draft("Test ett", by=karin)
        Text.objects.filter(pk=text.pk).update(state=old)
        text.refresh_from_db()

        if new in TRANSITIONS.get(old, set()):
            text.move(new, by=karin)
            assert state(text) == new
        else:
            with pytest.raises(NotAllowed):
                text.move(new, by=karin)
            assert state(text) == old

import pytest

from messaging.editor import touched
from messaging.inbox.models import Message
from messaging.wording.models import Text
from messaging.wording.states import VersionState
from persons.models import EServiceAccount, Person
from tests.factories import PersonFactory, UserFactory

pytestmark = pytest.mark.django_db


def text(language="sv", *, medium="sms", kind="welcome") -> Text:
    return Text(kind=kind, medium=medium, language=language, body="Hej")


def scheduled(*, state=Message.State.SCHEDULED, by_sms=True, **about) -> Message:
    person = PersonFactory(**about)
    EServiceAccount.objects.filter(person=person).update(notify_by_sms=by_sms)
    return Message.objects.create(
        person=person, kind=Message.Kind.WELCOME, subject="Hej", body="Hej", state=state,
        written_by=UserFactory(),
    )  # fmt: skip


class TestScheduled:
    def test_counts_the_welcomes_that_will_be_told_of_in_these_words(self):
        scheduled()
        scheduled(by_sms=False)
        scheduled(state=Message.State.STOPPED)

        assert touched.scheduled(text()) == 1
        assert touched.scheduled(text(medium="message")) == 0
        assert touched.scheduled(text(kind="test")) == 0

    def test_leaves_out_those_who_are_told_nothing(self):
        message = scheduled()
        Person.objects.filter(pk=message.person_id).update(protection="unknown")

        assert touched.scheduled(text()) == 0

    def test_counts_for_swedish_those_whose_language_has_no_text(self):
        scheduled(language="so")
        assert (touched.scheduled(text()), touched.scheduled(text("so"))) == (1, 1)

        Text.objects.create(
            kind="welcome", medium="sms", language="so", body="Hej", version=1,
            state=VersionState.PUBLISHED,
        )  # fmt: skip

        assert (touched.scheduled(text()), touched.scheduled(text("so"))) == (0, 1)


class TestInWords:
    @pytest.mark.parametrize(
        ("count", "sentence"),
        [
            (0, "Inget schemalagt välkomstmeddelande får den nya texten."),
            (1, "1 schemalagt välkomstmeddelande får den nya texten."),
            (2, "2 schemalagda välkomstmeddelanden får den nya texten."),
        ],
    )
    def test_says_how_many_and_what_stays(self, count, sentence):
        for _ in range(count):
            scheduled()

        assert touched.in_words(text()) == [sentence, "Köade sms och mejl behåller den gamla."]

    def test_of_a_welcome_that_is_written_when_it_is_scheduled_says_so(self):
        (sentence,) = touched.in_words(text(medium="message"))

        assert sentence.endswith("är redan skrivna och behåller sin text.")

    def test_names_the_fields_that_are_no_longer_there(self):
        used = text(medium="message")
        used.body = "Hej {förnamn}! Ring {avsändarens telefon}. {förnamn}"
        new = text(medium="message")
        new.body = "Hej {förnamn}!"

        assert touched.in_words(new, used=used)[0] == (
            "Fältet {avsändarens telefon} finns inte längre med."
        )
        assert len(touched.in_words(used, used=new)) == 1

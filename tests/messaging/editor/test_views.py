import html

import pytest

from messaging.wording import actions, in_use
from messaging.wording.kinds import Kind, Medium
from messaging.wording.models import Text
from messaging.wording.states import VersionState
from staff.models import Municipality, Role
from tests.factories import UserFactory
from tests.signing_in import force_login

pytestmark = pytest.mark.django_db

SMS = "/texter/new_message/sms/sv/"
EMAIL = "/texter/reminder/email/sv/"
WORDS = "Du har fått ett meddelande från {kommunen}."
LIVE = {"HX-Request": "true", "HX-Target": "preview"}


@pytest.fixture(autouse=True)
def municipality():
    Municipality.objects.filter(pk=Municipality.load().pk).update(
        name="Söderköpings kommun", sender_name="Soderkoping"
    )


@pytest.fixture
def karin():
    return UserFactory(role=Role.TEMPLATE_EDITOR)


@pytest.fixture
def erik():
    return UserFactory(role=Role.SYSTEM_ADMIN)


@pytest.fixture
def writing(client, karin):
    force_login(client, karin)
    return client


@pytest.fixture
def waiting(karin):
    text = draft(WORDS, by=karin)
    actions.submit(version=text, by=karin)
    return text


def draft(body, *, by, seen_edits=0):
    in_use.find(Kind.NEW_MESSAGE, Medium.SMS)
    text = Text(kind=Kind.NEW_MESSAGE, medium=Medium.SMS, language="sv", body=body)
    return actions.save_draft(draft=text, seen_edits=seen_edits, by=by)


def shown(response) -> str:
    return html.unescape(response.content.decode())


class TestList:
    def test_shows_each_text_with_its_languages_and_what_is_under_way(self, writing, waiting):
        page = shown(writing.get("/texter/"))

        assert "version 1 gäller" in page
        assert page.count("Väntar på godkännande") == 1
        assert 'href="/texter/welcome/message/en/"' in page
        assert 'href="/texter/welcome/message/so/"' in page
        assert 'href="/texter/blad/"' in page

    def test_is_not_there_for_others(self, client):
        force_login(client, UserFactory(role=Role.UNIT_MANAGER))

        assert client.get("/texter/").status_code == 404
        assert client.get(SMS).status_code == 404

    def test_says_which_translations_are_behind_the_swedish_words(self, client, waiting, erik):
        in_use.deliver_all()
        assert "Behöver ses över" not in shown(log_in(client, erik).get("/texter/"))

        actions.publish(version=waiting, by=erik)

        # Lätt svenska and English of the SMS that was changed.
        assert shown(client.get("/texter/")).count("Behöver ses över") == 2
        assert "Översättningen behöver ses över" in shown(client.get(SMS.replace("sv", "en")))
        assert "Översättningen behöver ses över" not in shown(client.get(SMS))


def log_in(client, user):
    force_login(client, user)
    return client


class TestWrite:
    def test_keeps_a_draft_that_is_not_sent_yet(self, writing):
        response = writing.post(SMS, {"body": WORDS, "seen_edits": 0})

        assert response.status_code == 302
        assert Text.objects.get(state=VersionState.DRAFT).body == WORDS
        assert in_use.find(Kind.NEW_MESSAGE, Medium.SMS).body != WORDS

    def test_asks_a_colleague_in_the_same_press(self, writing):
        page = shown(writing.post(SMS, {"body": WORDS, "seen_edits": 0, "ask": "1"}, follow=True))

        assert Text.objects.get(version=2, language="sv").state == VersionState.WAITING
        assert "Texten väntar på att en kollega godkänner den." in page

    def test_asks_nobody_about_words_that_are_in_use(self, writing):
        body = in_use.find(Kind.NEW_MESSAGE, Medium.SMS).body

        page = shown(writing.post(SMS, {"body": body, "seen_edits": 0, "ask": "1"}))

        assert "Du har inte ändrat något. Det här är texten som gäller." in page
        assert Text.objects.filter(language="sv", medium="sms", kind="new_message").count() == 1

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ("Din handläggare har skrivit.", "Texten innehåller ”handläggare”."),
            ("Din handläggare har skrivit.", "Skriv ”kommunen”."),
            ("Läs på exempel.se/brev.", "Sms och mejl får inte innehålla länkar."),
            ("Hej {förnamn}.", "Sms och mejl får inte säga något om en person. Ta bort {förnamn}."),
            ("Hej från {komunen}.", "Menade du {kommunen}?"),
            ("", "Skriv en text."),
        ],
    )
    def test_says_at_the_field_what_may_not_be_said_and_keeps_what_was_typed(
        self, writing, body, problem
    ):
        response = writing.post(SMS, {"body": body, "seen_edits": 0})

        assert problem in str(response.context["form"].errors["body"].as_text())
        assert f">\n{body}</textarea>" in shown(response)
        assert not Text.objects.filter(state=VersionState.DRAFT).exists()

    def test_asks_for_the_subject_of_an_email(self, writing):
        response = writing.post(EMAIL, {"subject": "", "body": WORDS, "seen_edits": 0})

        assert response.context["form"].errors == {"subject": ["Skriv ett ämne."]}
        assert WORDS in shown(response)

    def test_shows_both_when_a_colleague_has_saved_meanwhile(self, writing, erik):
        theirs = draft("Du har ett brev från {kommunen}.", by=erik)

        response = writing.post(SMS, {"body": WORDS, "seen_edits": 0})

        page = shown(response)
        assert "Någon annan har ändrat texten sedan du öppnade sidan." in page
        assert f">\n{WORDS}</textarea>" in page
        assert '<del><span class="hidden-words" lang="sv">Borttaget: </span>brev ' in page
        theirs.refresh_from_db()
        assert theirs.body == "Du har ett brev från {kommunen}."

    def test_writes_over_what_a_colleague_saved_once_it_has_been_seen(self, writing, erik):
        draft("Du har ett brev från {kommunen}.", by=erik)
        seen = writing.post(SMS, {"body": WORDS, "seen_edits": 0}).context["form"]

        writing.post(SMS, {"body": WORDS, "seen_edits": seen["seen_edits"].value()})

        assert Text.objects.get(state=VersionState.DRAFT).body == WORDS

    def test_keeps_what_was_typed_when_a_colleague_has_asked_for_approval(self, writing, waiting):
        response = writing.post(SMS, {"body": "Ett helt nytt brev.", "seen_edits": 1})

        assert "Texten väntar nu på godkännande." in shown(response)
        assert ">\nEtt helt nytt brev.</textarea>" in shown(response)

    def test_of_a_language_begins_with_the_swedish_words(self, writing):
        page = shown(writing.get("/texter/test/sms/ar/"))

        assert "Test från Söderköpings kommun." in page
        assert 'dir="rtl"' in page
        assert not Text.objects.filter(language="ar").exists()

    @pytest.mark.parametrize("path", ["test/message/sv", "test/sms/klingon", "brev/sms/sv"])
    def test_knows_no_other_texts(self, writing, path):
        assert writing.get(f"/texter/{path}/").status_code == 404


class TestPreview:
    def test_counts_while_it_is_being_written(self, writing):
        part = shown(writing.post(SMS, {"body": "Hej från {kommunen}."}, headers=LIVE))

        assert part.lstrip().startswith('<div id="counter"')
        assert "29 tecken, 1 sms" in part
        assert "Hej från Söderköpings kommun." in part
        assert "<textarea" not in part

    def test_names_what_costs_and_what_is_wrong(self, writing):
        body = "Hej “du” 🌲 din handläggare"

        part = shown(writing.post(SMS, {"body": body}, headers=LIVE))

        assert 'Tecknet “ gör att ett sms bara rymmer 70 tecken. Byt till "' in part
        assert "Tecknet 🌲 gör att ett sms bara rymmer 70 tecken. Ta bort det." in part
        assert "Texten innehåller ”handläggare”." in part

    def test_says_how_much_is_too_long_for_one_sms(self, writing):
        part = shown(writing.post(SMS, {"body": "a" * 171}, headers=LIVE))

        assert "171 tecken, 2 sms" in part
        assert "Ta bort 11 tecken för att få plats i 1 sms." in part

    def test_does_not_say_how_much_where_other_characters_would_do(self, writing):
        part = shown(writing.post(SMS, {"body": "”" + "a" * 100}, headers=LIVE))

        assert "Tecknet ” gör att ett sms bara rymmer 70 tecken." in part
        assert "Ta bort" not in part

    def test_says_what_has_been_checked(self, writing):
        part = shown(writing.post(SMS, {"body": WORDS}, headers=LIVE))

        assert "Inga avslöjande ord, länkar eller personuppgifter." in part

    def test_replaces_what_costs_and_keeps_nothing_yet(self, writing):
        body = "Hej “du” – där"

        response = writing.post(SMS, {"body": body, "seen_edits": 0, "replace": "1"})

        assert '>\nHej "du" - där</textarea>' in shown(response)
        assert "Tecknen är utbytta. Inget är sparat än." in shown(response)
        assert not Text.objects.filter(state=VersionState.DRAFT).exists()

    def test_without_javascript_is_a_button(self, writing):
        typed = {"subject": "Ett ämne", "body": "Det kom den {datum}.", "seen_edits": 0}

        response = writing.post(EMAIL, typed | {"preview": "1"})

        assert "Det kom den " in response.context["preview"].written.text
        assert "{datum}" not in response.context["preview"].written.text
        assert not Text.objects.filter(state=VersionState.DRAFT).exists()

    def test_of_a_welcome_is_as_to_somebody(self, writing, karin):
        page = shown(writing.get("/texter/welcome/message/sv/"))

        assert "Hej Förnamn!" in page
        assert karin.get_full_name() in page
        assert "Schemalagda välkomstmeddelanden är redan skrivna" in page


class TestApprove:
    def test_puts_the_words_in_use_and_keeps_the_old_ones(self, client, waiting, erik):
        force_login(client, erik)
        page = shown(client.get(SMS))
        assert "Publicera version 2" in page
        assert "Köade sms och mejl behåller den gamla." in page

        client.post(f"/texter/{waiting.pk}/blir/publicerad/")

        assert in_use.find(Kind.NEW_MESSAGE, Medium.SMS).body == WORDS
        page = shown(client.get(SMS))
        assert "Version 1, Tidigare" in page
        # What is used now is not to be restored.
        assert page.count("Gör till nytt utkast") == 1

    def test_is_for_a_colleague_of_the_writer(self, writing, waiting):
        assert "Publicera version 2" not in shown(writing.get(SMS))

        response = writing.post(f"/texter/{waiting.pk}/blir/publicerad/")

        assert response.status_code == 403
        assert in_use.find(Kind.NEW_MESSAGE, Medium.SMS).body != WORDS

    def test_can_be_asked_for_and_taken_back(self, writing, karin):
        text = draft(WORDS, by=karin)

        writing.post(f"/texter/{text.pk}/blir/vantar/")
        assert "Väntar på godkännande" in shown(writing.get(SMS))
        writing.post(f"/texter/{text.pk}/blir/utkast/")

        text.refresh_from_db()
        assert text.state == VersionState.DRAFT

    def test_can_be_undone_by_restoring_what_was(self, client, waiting, erik):
        force_login(client, erik)
        client.post(f"/texter/{waiting.pk}/blir/publicerad/")
        first = Text.objects.get(version=1, language="sv")

        client.post(f"/texter/{first.pk}/blir/igen/")

        assert Text.objects.get(state=VersionState.DRAFT).body == first.body

    def test_says_when_it_is_too_late(self, writing, waiting):
        page = shown(writing.post(f"/texter/{waiting.pk}/blir/vantar/", follow=True))

        assert "Texten har ändrats sedan du öppnade sidan." in page

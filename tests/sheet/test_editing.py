import pytest

from messaging.sheet import actions, pdf, published
from messaging.sheet.models import SheetText, SheetVersion
from messaging.wording import actions as wording
from messaging.wording.actions import Refused
from messaging.wording.models import RevealingWord
from messaging.wording.states import VersionState
from staff.models import Role
from tests.factories import UserFactory
from tests.sheet.conftest import text_of
from tests.signing_in import force_login

PAGE = "/texter/blad/sv/"
SHORT = "# Nytt blad\nHej från {kommunen}.\n{qr} Läs mer:"


@pytest.fixture
def karin(municipality):
    return UserFactory(role=Role.TEMPLATE_EDITOR)


@pytest.fixture
def erik(municipality):
    return UserFactory(role=Role.TEMPLATE_EDITOR)


@pytest.fixture
def writing(client, karin):
    force_login(client, karin)
    return client


@pytest.fixture
def waiting(karin):
    text = actions.save_draft(draft=SheetText(language="sv", body=SHORT), seen_edits=0, by=karin)
    wording.submit(version=text, by=karin)
    return text


class TestWrite:
    def test_keeps_a_draft_that_nobody_else_sees_yet(self, writing, client):
        response = writing.post(PAGE, {"body": SHORT.replace("\n", "\r\n"), "seen_edits": 0})

        assert response.status_code == 302
        draft = SheetText.objects.get(state=VersionState.DRAFT)
        assert (draft.body, draft.version) == (SHORT, 2)
        assert "Nytt blad" not in client.get("/informationsblad/").content.decode()

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ("# Blad\n{qr} Mer:\n" + "Rad.\n\n" * 60, "mm för långt för en A4-sida. Ta bort ungef"),
            (f"{SHORT}\nHej 🌲", "Rad 4: tecknet ”🌲”"),
            (f"{SHORT}\nSocialtjänsten", "Texten innehåller ”socialtjänst”"),
            ("", "Skriv bladets text."),
        ],
    )
    def test_refuses_what_cannot_be_used_and_keeps_what_was_typed(self, writing, body, problem):
        page = writing.post(PAGE, {"body": body, "seen_edits": 0}).content.decode()

        assert problem in page
        assert body.split("\n")[-2 if body.endswith("\n") else -1] in page
        assert not SheetText.objects.exclude(state=VersionState.PUBLISHED).exists()

    def test_shows_the_sheet_as_it_will_be_before_anything_is_saved(self, writing):
        page = writing.post(PAGE, {"body": SHORT, "preview": "1"}).content.decode()

        assert "<h3>Nytt blad</h3>" in page
        assert "Hej från Söderköpings kommun." in page
        assert not SheetText.objects.filter(state=VersionState.DRAFT).exists()

    def test_shows_it_while_it_is_being_written(self, writing):
        headers = {"HX-Request": "true", "HX-Target": "preview"}

        part = writing.post(PAGE, {"body": SHORT}, headers=headers).content.decode()

        assert part.lstrip().startswith('<div id="preview"')
        assert "<h3>Nytt blad</h3>" in part

    def test_shows_it_as_a_pdf(self, writing):
        response = writing.post(f"{PAGE}prov.pdf", {"body": SHORT})

        assert response["Content-Type"] == "application/pdf"
        assert "Hej från Söderköpings kommun." in text_of(response.content)

    def test_looks_for_the_words_of_the_administrators_too(self, writing):
        RevealingWord.objects.create(word="Kvarnhuset")

        page = writing.post(PAGE, {"body": f"{SHORT}\nKom till Kvarnhuset."}).content.decode()

        assert "Texten innehåller ”Kvarnhuset”. Bladet kan ligga framme" in page

    def test_says_which_translations_are_behind_the_swedish_words(self, client, waiting, erik):
        force_login(client, erik)
        assert "Behöver ses över" not in client.get("/texter/blad/").content.decode()

        actions.publish(version=waiting, by=erik)

        assert client.get("/texter/blad/").content.decode().count("Behöver ses över") == 2


class TestSubmit:
    def test_is_one_press_from_what_is_typed(self, writing):
        writing.post(PAGE, {"body": SHORT, "seen_edits": 0, "ask": "1"})

        assert SheetText.objects.get(language="sv", version=2).state == VersionState.WAITING

    @pytest.fixture
    def draft(self, karin):
        return actions.save_draft(
            draft=SheetText(language="sv", body=SHORT), seen_edits=0, by=karin
        )

    def test_lets_a_colleague_see_it(self, writing, draft):
        writing.post(f"/texter/blad/{draft.pk}/blir/vantar/")

        draft.refresh_from_db()
        assert draft.state == VersionState.WAITING

    def test_asks_nobody_to_approve_what_can_no_longer_be_printed(
        self, writing, draft, monkeypatch
    ):
        """The municipality has got a higher logo since it was saved."""

        def too_long(html):
            raise pdf.DoesNotFit(12)

        monkeypatch.setattr(pdf, "render", too_long)

        writing.post(f"/texter/blad/{draft.pk}/blir/vantar/")

        draft.refresh_from_db()
        assert draft.state == VersionState.DRAFT
        assert "Bladet är 12 mm för långt" in writing.get(PAGE).content.decode()


class TestPublish:
    def test_puts_the_words_and_their_pdf_in_use_at_once(self, client, waiting, erik):
        force_login(client, erik)
        assert "Publicera version 2" in client.get(PAGE).content.decode()

        client.post(f"/texter/blad/{waiting.pk}/blir/publicerad/")

        assert published.find().body == SHORT
        assert "Nytt blad" in text_of(SheetVersion.objects.get().pdf)
        assert "Nytt blad" in client.get("/informationsblad/").content.decode()

    def test_is_for_a_colleague_of_the_writer(self, writing, waiting):
        assert "Publicera version 2" not in writing.get(PAGE).content.decode()

        response = writing.post(f"/texter/blad/{waiting.pk}/blir/publicerad/")

        assert response.status_code == 403
        assert published.find().body != SHORT

    def test_fails_as_a_whole_when_the_sheet_cannot_be_drawn(self, waiting, erik, monkeypatch):
        def killed(html):
            raise pdf.Stopped

        monkeypatch.setattr(pdf, "render", killed)

        with pytest.raises(Refused):
            actions.publish(version=waiting, by=erik)

        waiting.refresh_from_db()
        assert waiting.state == VersionState.WAITING
        assert not SheetVersion.objects.exists()

    def test_can_be_undone_by_restoring_what_was(self, client, waiting, erik):
        force_login(client, erik)
        client.post(f"/texter/blad/{waiting.pk}/blir/publicerad/")
        first = SheetText.objects.get(version=1)

        client.post(f"/texter/blad/{first.pk}/blir/igen/")

        assert SheetText.objects.get(state=VersionState.DRAFT).body == first.body


class TestAnotherLanguage:
    def test_begins_from_the_swedish_words_and_is_not_there_before_it_is_approved(self, writing):
        page = writing.get("/texter/blad/so/").content.decode()

        assert "# Så använder du e-tjänsten Meddelanden" in page
        assert writing.get("/informationsblad/so/").status_code == 404
        assert writing.get("/texter/blad/klingon/").status_code == 404

"""The folder is written by the same code that the demo sends with, and read back here."""

import pytest
from django.core.mail import send_mail

from messaging.notices import email, outbox
from messaging.notices.sms.base import Sms
from messaging.notices.sms.outbox import Gateway
from tests.factories import NoticeFactory, SheetVersionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.OUTBOX_DIR = settings.EMAIL_FILE_PATH = tmp_path
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    return tmp_path


def send_sms(reference: str = "9a1c") -> None:
    Gateway().send(Sms("+46701740605", "Soderkoping", "E-tjänsten är öppen.", reference))


class TestRead:
    def test_is_empty_before_anything_was_sent(self, settings, tmp_path):
        settings.OUTBOX_DIR = tmp_path / "not-made-yet"

        assert outbox.read() == []

    def test_gives_an_sms_as_it_was_sent(self):
        send_sms()

        (sent,) = outbox.read()

        assert sent.is_sms
        assert (sent.slug, sent.to, sent.sender) == ("9a1c", "+46701740605", "Soderkoping")
        assert sent.text == "E-tjänsten är öppen."

    def test_gives_an_email_with_its_attachment(self):
        sheet = SheetVersionFactory(pdf=b"%PDF-1.7 the sheet")
        notice = NoticeFactory(email=True, sheet=sheet, text="Hej!\n\nNu är det öppet.\n")
        email.send(notice)

        (sent,) = outbox.read()

        assert not sent.is_sms
        assert (sent.to, sent.sender) == (notice.address, "Söderköpings kommun")
        assert sent.subject == "E-tjänsten Meddelanden är öppen för dig"
        assert sent.text == notice.text
        assert sent.attachment.name == "informationsblad-meddelanden.pdf"
        assert sent.attachment.type == "application/pdf"
        assert sent.attachment.content == b"%PDF-1.7 the sheet"

    def test_shows_what_administrators_are_told_among_the_rest(self):
        """It is dated by Django, without a zone."""
        send_sms()
        send_mail("Nattens synkning saknas", "Logga in.", None, ["mona@exempel.se"])

        subjects = {sent.subject for sent in outbox.read()}

        assert subjects == {"", "Nattens synkning saknas"}

    def test_tells_two_emails_in_one_file_apart(self, folder):
        for _notice in range(2):
            email.send(NoticeFactory(email=True))
        first, second = sorted(folder.glob("*.log")) or [None, None]
        first.write_bytes(first.read_bytes() + second.read_bytes())
        second.unlink()

        slugs = {sent.slug for sent in outbox.read()}

        assert slugs == {f"{first.stem}-1", f"{first.stem}-2"}

    def test_waits_for_an_email_that_is_still_being_written(self, folder):
        email.send(NoticeFactory(email=True))
        (file,) = folder.glob("*.log")
        file.write_bytes(file.read_bytes()[:-10])

        assert outbox.read() == []

    def test_puts_the_newest_first(self, time_machine):
        time_machine.move_to("2026-11-23 09:00", tick=False)
        send_sms("first")
        time_machine.move_to("2026-11-24 09:00", tick=False)
        email.send(NoticeFactory(email=True))
        time_machine.move_to("2026-11-25 09:00", tick=False)
        send_sms("last")

        assert [sent.slug == "last" for sent in outbox.read()] == [True, False, False]
        assert outbox.read()[2].slug == "first"

    def test_dates_an_email_by_the_demos_clock(self, settings, tmp_path, time_machine):
        time_machine.move_to("2026-11-23T09:00:00+01:00", tick=False)
        settings.CLOCK_OFFSET_FILE = tmp_path / "demo-clock"
        settings.CLOCK_OFFSET_FILE.write_text("86400")
        email.send(NoticeFactory(email=True))

        (sent,) = outbox.read()

        assert sent.at.isoformat() == "2026-11-24T09:00:00+01:00"


class TestFindEmail:
    def test_finds_what_left(self):
        notice = NoticeFactory(email=True)
        email.send(notice)

        assert outbox.find_email(email.message_id(notice))

    def test_does_not_find_what_never_left(self):
        email.send(NoticeFactory(email=True))

        assert not outbox.find_email(email.message_id(NoticeFactory(email=True)))

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail

from messaging.notices import restoring
from messaging.sync import run
from onboarding import morning_email, tasks
from persons.models import Case
from staff.models import Role, User
from tests.factories import AccountFactory, CaseFactory, SyncRunFactory, UserFactory
from tests.messaging.sync.test_run import HERE
from tests.pages import follow, open_page
from web import clock

pytestmark = pytest.mark.django_db

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MONDAY = datetime(2026, 11, 23, 10, tzinfo=STOCKHOLM)
NIGHT = datetime(2026, 11, 24, 3, 30, tzinfo=STOCKHOLM)
SEVEN = NIGHT.replace(hour=7, minute=0)


@pytest.fixture(autouse=True)
def moment():
    with time_machine.travel(MONDAY, tick=False) as traveller:
        SyncRunFactory()
        yield traveller


@pytest.fixture
def karin():
    return UserFactory(role=Role.SUPPORT_CONTACT, morning_email=True)


def switched_on(user: User, **facts):
    account = AccountFactory(
        pending=True, person__given_name="Kanariansk", switched_on_by=user, **facts
    )
    CaseFactory(person=account.person, support_contact=user)
    return account


def told_at(moment, when: datetime = SEVEN) -> list[list[str]]:
    """Who is written to, once the night has come through."""
    moment.move_to(NIGHT)
    run.run()
    moment.move_to(when)
    tasks.write_in_the_morning()
    return [message.to for message in mail.outbox]


class TestTheEmail:
    def test_is_for_whoever_switched_on_and_asked_for_it(self, karin, moment):
        switched_on(karin)
        switched_on(UserFactory(role=Role.SUPPORT_CONTACT))
        UserFactory(role=Role.SUPPORT_CONTACT, morning_email=True)

        assert told_at(moment) == [[karin.email]]

    def test_tells_nothing_but_that_there_is_something_to_read(self, karin, moment):
        switched_on(karin)

        told_at(moment)

        message = mail.outbox[0]
        words = f"{message.subject} {message.body}".lower()
        assert message.subject == "Du har något nytt att läsa i Meddelanden"
        assert not any(
            secret in words for secret in ("kanariansk", "karin", "social", "lifecare", "http")
        )
        assert (message.attachments, message.alternatives) == ([], [])

    def test_tells_of_a_no_and_of_a_night_that_failed(self, karin, moment, settings):
        switched_on(karin)
        settings.SYNC_GATEWAY = f"{HERE}.Refusing"
        assert told_at(moment) == [[karin.email]]

        settings.SYNC_GATEWAY = f"{HERE}.Unreachable"
        erik = UserFactory(role=Role.SUPPORT_CONTACT, morning_email=True)
        switched_on(erik)
        moment.move_to(NIGHT + timedelta(days=1))
        with pytest.raises(ConnectionError):
            run.run()
        moment.move_to(SEVEN + timedelta(days=1))
        morning_email.write(clock.now())

        assert [erik.email] in [message.to for message in mail.outbox]

    @pytest.mark.parametrize(
        "when",
        [
            SEVEN - timedelta(minutes=1),
            SEVEN.replace(hour=12),
            SEVEN + timedelta(days=4),  # Saturday
        ],
    )
    def test_waits_for_a_morning_on_which_somebody_reads_it(self, karin, moment, when):
        switched_on(karin)

        assert told_at(moment, when) == []

    def test_tells_on_monday_of_saturday_and_the_page_does_too(self, client, karin, moment):
        account = switched_on(karin)
        moment.move_to(SEVEN + timedelta(days=6))
        account.move("active", usable_from=clock.today() - timedelta(days=2))

        morning_email.write(clock.now())

        client.force_login(karin)
        assert len(mail.outbox) == 1
        assert "kan använda tjänsten sedan lördag 28 november." in open_page(client, "/").words

    def test_sends_nobody_to_a_page_that_shows_them_nothing(self, karin, moment):
        switched_on(karin)
        Case.objects.update(support_contact=UserFactory(role=Role.SUPPORT_CONTACT))

        assert told_at(moment) == []

    def test_is_not_for_who_no_longer_works_here(self, karin, moment):
        switched_on(karin)
        User.objects.update(is_active=False)

        assert told_at(moment) == []


class TestOnceAMorning:
    def test_a_second_run_writes_nothing(self, karin, moment):
        switched_on(karin)
        told_at(moment)

        morning_email.write(clock.now() + timedelta(minutes=1))

        assert len(mail.outbox) == 1

    def test_a_kill_in_the_middle_doubles_nothing_and_the_others_get_theirs(
        self, karin, moment, monkeypatch
    ):
        erik = UserFactory(role=Role.SUPPORT_CONTACT, morning_email=True)
        for user in (karin, erik):
            switched_on(user)
        left = []

        def killed_after_the_first(subject, text, sender, receivers):
            left.append(receivers)
            if len(left) == 1:
                raise SystemExit

        monkeypatch.setattr("staff.mail.send_mail", killed_after_the_first)
        with pytest.raises(SystemExit):
            told_at(moment)

        morning_email.write(clock.now())
        morning_email.write(clock.now())

        assert left == [[karin.email], [erik.email]]

    def test_one_that_cannot_be_sent_is_not_tried_until_it_is_two(self, karin, moment, monkeypatch):
        switched_on(karin)
        tried = []

        def broken(*mail):
            tried.append(mail)
            raise OSError

        monkeypatch.setattr("staff.mail.send_mail", broken)

        told_at(moment)
        morning_email.write(clock.now())

        assert len(tried) == 1

    def test_nothing_leaves_a_database_that_was_put_back(self, karin, moment, monkeypatch):
        switched_on(karin)
        monkeypatch.setattr(restoring, "is_restored", lambda: True)

        assert told_at(moment) == []

    def test_asks_as_much_however_many_do_not_want_it(
        self, karin, moment, django_assert_num_queries
    ):
        for _ in range(3):
            switched_on(UserFactory(role=Role.SUPPORT_CONTACT))
        moment.move_to(NIGHT)
        run.run()
        restoring.require_current()
        moment.move_to(SEVEN)

        with django_assert_num_queries(3):
            morning_email.write(clock.now())


class TestTheChoice:
    def test_is_off_from_the_start_and_ones_own(self, client):
        karin = UserFactory(role=Role.SUPPORT_CONTACT)
        assert not karin.morning_email
        client.force_login(karin)
        form = open_page(client, "/installningar/mina/").form("Spara")

        page = follow(client, form.send(client, morning_email="on"))

        karin.refresh_from_db()
        assert "Inställningarna är sparade." in page.status
        assert karin.morning_email

from datetime import datetime, timedelta
from threading import Barrier, Thread
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, connections
from django.template import TemplateDoesNotExist
from django.test.utils import CaptureQueriesContext

from messaging.inbox import actions, tasks, welcome
from messaging.inbox.models import Message
from messaging.notices.models import Notice
from persons.models import EServiceAccount, NotAllowed, Person, Protection
from persons.states import SwitchState
from relations.models import Role
from staff.models import Role as StaffRole
from tests.factories import (
    CaseFactory,
    MessageFactory,
    PersonFactory,
    RelationFactory,
    UserFactory,
    protect,
)

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Stockholm"))
TODAY = TUESDAY.date()
ONE_DAY = timedelta(days=1)
# How the question begins that locks what is to be released.
LOCKS = 'SELECT "inbox_message"."id" AS "pk", "inbox_message"."version"'


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel(TUESDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def karin(db):
    return UserFactory(role=StaffRole.SUPPORT_CONTACT)


def person_of(karin, **account) -> Person:
    person = PersonFactory(**{f"account__{name}": value for name, value in account.items()})
    CaseFactory(person=person, support_contact=karin)
    return person


@pytest.fixture
def amina(karin):
    return person_of(karin, active=True)


def schedule(person, by, submission=None) -> Message:
    return actions.schedule_welcome(
        person=person, subject="Välkommen", body="Hej!", submission=submission or uuid4(), by=by
    )


class TestScheduleWelcome:
    def test_writes_it_down_with_the_sheet_of_today(self, amina, karin):
        message = schedule(amina, karin)

        assert message.state == Message.State.SCHEDULED
        assert bytes(message.sheet.pdf).startswith(b"%PDF")
        assert amina.events.get().kind == "welcome_scheduled"

    def test_takes_the_same_submission_once(self, amina, karin):
        submission = uuid4()

        first = schedule(amina, karin, submission)
        second = schedule(amina, karin, submission)

        assert first == second
        assert Message.objects.count() == 1

    def test_tells_who_was_first(self, amina, karin):
        first = schedule(amina, karin)

        with pytest.raises(actions.AlreadyWelcomed) as error:
            schedule(amina, karin)

        assert error.value.message == first

    def test_may_be_written_again_after_it_was_stopped(self, amina, karin):
        actions.stop_welcome(message=schedule(amina, karin), by=karin)

        schedule(amina, karin)

        assert Message.objects.welcomes().count() == 1

    def test_is_possible_while_the_night_has_not_come(self, karin):
        assert schedule(person_of(karin, pending=True), karin)

    @pytest.mark.parametrize("account", [{}, {"closing": True}])
    def test_is_refused_while_the_service_is_off(self, karin, account):
        with pytest.raises(NotAllowed):
            schedule(person_of(karin, **account), karin)

    def test_is_refused_for_who_is_protected(self, amina, karin):
        protect(amina)

        with pytest.raises(NotAllowed):
            schedule(amina, karin)

    def test_is_refused_for_who_has_died(self, amina, karin):
        Person.objects.filter(pk=amina.pk).update(deceased_on="2026-11-01")
        amina.refresh_from_db()

        with pytest.raises(NotAllowed):
            schedule(amina, karin)

    def test_is_refused_when_somebody_switched_off_meanwhile(self, amina, karin):
        other = EServiceAccount.objects.get(person=amina)
        other.move(SwitchState.CLOSING, messages_enabled=False)

        with pytest.raises(NotAllowed):
            schedule(amina, karin)
        assert not Message.objects.exists()

    def test_is_not_taken_again_once_it_was_stopped(self, amina, karin):
        message = schedule(amina, karin)
        actions.stop_welcome(message=message, by=karin)

        with pytest.raises(actions.AlreadyStopped):
            schedule(amina, karin, message.public_id)
        assert not Message.objects.welcomes().exists()

    def test_is_refused_to_somebody_who_does_not_work_with_the_person(self, amina):
        with pytest.raises(PermissionDenied):
            schedule(amina, UserFactory(role=StaffRole.SUPPORT_CONTACT))

    @pytest.mark.parametrize("text", ["Ring mig på {avsändarens telefon}", "{}", "{vad som helst}"])
    def test_is_refused_while_something_is_left_to_fill_in(self, amina, karin, text):
        words = {"submission": uuid4(), "by": karin}

        with pytest.raises(actions.Unfilled):
            actions.schedule_welcome(person=amina, subject="Hej", body=text, **words)
        with pytest.raises(actions.Unfilled):
            actions.schedule_welcome(person=amina, subject=text, body="Hej", **words)
        assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestTwoAtTheSameSecond:
    def test_schedule_one_welcome(self, morning):
        karin = UserFactory(role=StaffRole.SUPPORT_CONTACT)
        amina = person_of(karin, active=True)
        start, outcomes = Barrier(2), []

        def press():
            person = Person.objects.select_related("account").get(pk=amina.pk)
            start.wait()
            try:
                outcomes.append(schedule(person, karin))
            except actions.AlreadyWelcomed as error:
                outcomes.append(error)
            finally:
                connections.close_all()

        workers = [Thread(target=press) for _worker in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        assert len(outcomes) == 2
        assert Message.objects.count() == 1


class TestChangeWelcome:
    def test_changes_what_has_not_gone_out(self, amina, karin):
        message = schedule(amina, karin)

        actions.change_welcome(
            message=message, subject="Nytt ämne", body="Hej!", seen_version=1, by=karin
        )

        message.refresh_from_db()
        assert (message.subject, message.version) == ("Nytt ämne", 2)

    def test_refuses_an_old_form(self, amina, karin):
        message = schedule(amina, karin)
        actions.change_welcome(message=message, subject="A", body="A", seen_version=1, by=karin)

        with pytest.raises(NotAllowed):
            actions.change_welcome(message=message, subject="B", body="B", seen_version=1, by=karin)

        message.refresh_from_db()
        assert message.subject == "A"

    def test_refuses_what_can_be_read_already(self, amina, karin):
        message = schedule(amina, karin)
        actions.release_due(now=TUESDAY)

        with pytest.raises(actions.AlreadySent):
            actions.change_welcome(message=message, subject="B", body="B", seen_version=1, by=karin)

    def test_refuses_to_put_back_what_is_to_be_filled_in(self, amina, karin):
        message = schedule(amina, karin)
        field = "{avsändarens telefon}"

        with pytest.raises(actions.Unfilled):
            actions.change_welcome(
                message=message, subject="Hej", body=field, seen_version=1, by=karin
            )
        message.refresh_from_db()
        assert message.body == "Hej!"

    def test_is_no_change_when_the_same_is_saved_again(self, amina, karin):
        message = schedule(amina, karin)
        same = {"subject": message.subject, "body": message.body}

        actions.change_welcome(message=message, **same, seen_version=1, by=karin)

        message.refresh_from_db()
        assert message.version == 1
        assert not amina.events.filter(kind="welcome_changed").exists()

    def test_is_refused_to_somebody_who_does_not_work_with_the_person(self, amina, karin):
        message = schedule(amina, karin)
        erik = UserFactory(role=StaffRole.SUPPORT_CONTACT)

        with pytest.raises(PermissionDenied):
            actions.change_welcome(message=message, subject="B", body="B", seen_version=1, by=erik)
        with pytest.raises(PermissionDenied):
            actions.stop_welcome(message=message, by=erik)


class TestStopWelcome:
    def test_takes_it_back_once(self, amina, karin):
        message = schedule(amina, karin)

        actions.stop_welcome(message=message, by=karin)
        actions.stop_welcome(message=message, by=karin)

        assert actions.release_due(now=TUESDAY) == 0
        assert amina.events.filter(kind="welcome_stopped").count() == 1

    def test_refuses_what_can_be_read_already(self, amina, karin):
        message = schedule(amina, karin)
        actions.release_due(now=TUESDAY)

        with pytest.raises(actions.AlreadySent):
            actions.stop_welcome(message=message, by=karin)


class TestReleaseDue:
    def test_makes_it_readable_and_queues_a_notice(self):
        message = MessageFactory()

        released = actions.release_due(now=TUESDAY)

        message.refresh_from_db()
        assert released == 1
        assert (message.state, message.readable_at) == (Message.State.READABLE, TUESDAY)
        assert Notice.objects.get().person == message.person

    def test_does_so_once(self):
        MessageFactory()

        actions.release_due(now=TUESDAY)

        assert actions.release_due(now=TUESDAY + timedelta(minutes=1)) == 0
        assert Notice.objects.count() == 1

    @pytest.mark.parametrize(
        "moment",
        [
            TUESDAY - timedelta(minutes=1),
            TUESDAY + timedelta(days=4),  # Saturday
            TUESDAY.replace(month=12, day=24),
        ],
    )
    def test_waits_for_nine_on_a_working_day(self, moment):
        MessageFactory()

        assert actions.release_due(now=moment) == 0

    def test_waits_until_the_service_can_be_used(self):
        MessageFactory(person__account__usable_from="2026-11-25")

        assert actions.release_due(now=TUESDAY) == 0
        assert actions.release_due(now=TUESDAY + timedelta(days=1)) == 1

    @pytest.mark.parametrize("account", ["pending", "failed", "closing"])
    def test_waits_while_the_service_does_not_work(self, account):
        MessageFactory(person=PersonFactory(**{f"account__{account}": True}))

        assert actions.release_due(now=TUESDAY) == 0

    @pytest.mark.parametrize(
        "facts", [{"protection": Protection.UNKNOWN}, {"deceased_on": "2026-11-01"}]
    )
    def test_never_writes_to_who_must_not_be_written_to(self, facts):
        message = MessageFactory()
        Person.objects.filter(pk=message.person_id).update(**facts)

        assert actions.release_due(now=TUESDAY) == 0

    def test_leaves_neither_message_nor_notice_when_one_of_them_fails(self, settings):
        message = MessageFactory(person__account__notify_by_email=True)
        settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": []}]

        with pytest.raises(TemplateDoesNotExist):
            actions.release_due(now=TUESDAY)

        message.refresh_from_db()
        assert message.state == Message.State.SCHEDULED
        assert not Notice.objects.exists()

    def test_releases_the_others_when_one_fails(self):
        poisoned, healthy = MessageFactory(), MessageFactory()

        def refuse(execute, sql, params, many, context):
            if sql.startswith(
                'INSERT INTO "notices_notice"'
            ) and poisoned.person.mobile_e164 in str(params):
                raise IntegrityError("a constraint of tomorrow")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(refuse), pytest.raises(IntegrityError):
            actions.release_due(now=TUESDAY)

        for message in (poisoned, healthy):
            message.refresh_from_db()
        assert (poisoned.state, healthy.state) == ("scheduled", "readable")
        assert Notice.objects.get().person == healthy.person

    def test_leaves_a_welcome_that_was_changed_meanwhile_to_the_next_round(self, karin):
        message = MessageFactory(written_by=karin)
        CaseFactory(person=message.person, support_contact=karin)

        def change_first(execute, sql, params, many, context):
            if sql.startswith(LOCKS) and not changed:
                changed.append(True)
                actions.change_welcome(
                    message=message, subject="Nytt", body="Hej!", seen_version=1, by=karin
                )
            return execute(sql, params, many, context)

        changed = []
        with connection.execute_wrapper(change_first):
            assert actions.release_due(now=TUESDAY) == 0
        assert changed

        assert actions.release_due(now=TUESDAY) == 1
        message.refresh_from_db()
        assert (message.subject, message.state) == ("Nytt", "readable")

    def test_asks_as_much_for_many_as_for_few(self, django_assert_num_queries):
        MessageFactory(person__account__notify_by_email=True)
        actions.release_due(now=TUESDAY)  # stores the words that came with the product
        MessageFactory.create_batch(2, person__account__notify_by_email=True)
        with CaptureQueriesContext(connection) as few:
            assert actions.release_due(now=TUESDAY) == 2
        MessageFactory.create_batch(10, person__account__notify_by_email=True)

        with django_assert_num_queries(len(few)):
            assert actions.release_due(now=TUESDAY) == 10

        assert Notice.objects.count() == 26

    def test_goes_on_after_the_first_batch(self, monkeypatch):
        monkeypatch.setattr(actions, "AT_ONCE", 2)
        MessageFactory.create_batch(5)

        assert actions.release_due(now=TUESDAY) == 5
        assert Notice.objects.count() == 5

    def test_never_sends_what_is_left_to_fill_in(self):
        unfilled = MessageFactory(body="Ring mig på {avsändarens telefon}")
        MessageFactory()

        with pytest.raises(actions.Unfilled):
            actions.release_due(now=TUESDAY)

        unfilled.refresh_from_db()
        assert unfilled.state == Message.State.SCHEDULED
        assert Notice.objects.get().person != unfilled.person

    def test_is_what_the_task_does(self):
        MessageFactory()

        tasks.release_due_messages()

        assert Notice.objects.count() == 1


class TestDraft:
    @pytest.mark.parametrize(
        ("sms", "email", "line"),
        [
            (True, True, "Du får ett sms eller mejl när det har kommit något nytt."),
            (True, False, "Du får ett sms när det har kommit något nytt."),
            (False, True, "Du får ett mejl när det har kommit något nytt."),
            (False, False, "Du får inget sms eller mejl. Logga in då och då"),
        ],
    )
    def test_tells_the_truth_about_the_channels(self, karin, sms, email, line):
        person = person_of(karin, active=True, notify_by_sms=sms, notify_by_email=email)

        assert line in self.text(person, karin)

    def test_is_signed_by_the_worker(self, amina):
        karin = UserFactory(role=StaffRole.SUPPORT_CONTACT, phone="0121-181 10")

        text = self.text(amina, karin)

        assert text.startswith("Hej Amina!")
        assert text.endswith("Vänliga hälsningar\nKarin Ek\nKontaktperson, telefon 0121-181 10")

    @pytest.mark.parametrize(
        "relation",
        [
            {"role": Role.GOOD_MAN, "active": True},
            {"role": Role.GOOD_MAN, "pending": True},
            {"role": Role.LEGAL_ADMINISTRATOR, "active": True},
        ],
    )
    def test_leaves_the_good_man_out_for_who_has_one(self, amina, karin, relation):
        RelationFactory(principal=amina, **relation)

        assert "Det kan vara en närstående. Hör" in self.text(amina, karin)

    @pytest.mark.parametrize(
        "relation",
        [
            {"role": Role.CLOSE_RELATIVE, "active": True},
            {"role": Role.GOOD_MAN, "closing": True},
            {"role": Role.GOOD_MAN, "active": True, "valid_from": TODAY + ONE_DAY},
        ],
        ids=["a relative", "closed", "not begun"],
    )
    def test_names_the_good_man_to_who_has_none(self, amina, karin, relation):
        RelationFactory(principal=amina, **relation)
        RelationFactory(role=Role.GOOD_MAN, active=True)  # of somebody else

        assert "Det kan vara en närstående eller din gode man. Hör" in self.text(amina, karin)

    def test_is_true_on_the_day_it_is_read(self, amina, karin):
        RelationFactory(principal=amina, role=Role.GOOD_MAN, pending=True, valid_until=TODAY)

        assert "din gode man" not in self.text(amina, karin, read_on=TODAY)
        assert "din gode man" in self.text(amina, karin, read_on=TODAY + ONE_DAY)

    @staticmethod
    def text(person, by, read_on=TODAY) -> str:
        return welcome.draft(person=person, by=by, read_on=read_on).body

from datetime import date, datetime, timedelta

import pytest

from messaging.notices.states import NoticeState
from onboarding import checklist, facts
from persons.models import Case, EServiceAccount, Person
from persons.states import SwitchState
from relations.models import RelationsAnswer
from tests.factories import (
    CaseFactory,
    MessageFactory,
    NoticeFactory,
    PersonFactory,
    RelationFactory,
    SyncRunFactory,
)
from tests.onboarding.conftest import MONDAY, person_of
from web import clock


def facts_of(person):
    [found] = facts.load(Case.objects.filter(person=person))
    return found


def welcomed(user, *, notices=(), **facts):
    """Someone whose welcome can be read, with a notice in each of the states."""
    person = person_of(user, account__active=True, **facts)
    MessageFactory(person=person, readable=True)
    for state in notices:
        NoticeFactory(person=person, state=state, settled_at=clock.now())
    return person


def answer(person, by, answer, ask_again_on=None, **when):
    RelationsAnswer.objects.create(
        person=person, by=by, answer=answer, ask_again_on=ask_again_on, **when
    )


class TestLoad:
    @pytest.mark.parametrize("people", [1, 30])
    def test_asks_three_times_whatever_the_number_of_people(
        self, karin, people, django_assert_num_queries
    ):
        for _person in range(people):
            person = welcomed(karin, notices=[NoticeState.DELIVERED, NoticeState.UNDELIVERED])
            answer(person, karin, "later", clock.today() + timedelta(days=9))

        with django_assert_num_queries(3):
            rows = facts.load(Case.objects.all())
            steps = [checklist.build(row).next.responsible for row in rows]
        assert steps == [karin] * people

    def test_has_one_row_for_someone_with_two_open_cases(self, karin, amina):
        first = amina.cases.get()
        CaseFactory(person=amina, support_contact=karin)

        rows = facts.load(Case.objects.visible_to(karin))

        assert [row.case for row in rows] == [first]

    def test_knows_nobody_outside_the_cases_it_was_given(self, karin, amina):
        CaseFactory(person=PersonFactory())

        rows = facts.load(Case.objects.visible_to(karin))

        assert [row.person for row in rows] == [amina]

    @pytest.mark.usefixtures("office")
    def test_is_empty_without_cases(self):
        assert facts.load(Case.objects.all()) == []


class TestWelcome:
    def test_is_the_one_that_stands(self, karin, amina):
        MessageFactory(person=amina, state="stopped")
        standing = MessageFactory(person=amina)

        assert facts_of(amina).welcome == standing

    def test_is_not_one_that_was_stopped(self, amina):
        MessageFactory(person=amina, state="stopped")

        assert facts_of(amina).welcome is None

    def test_is_not_a_letter_or_somebody_elses(self, amina):
        MessageFactory(person=amina, letter=True)
        MessageFactory()

        assert facts_of(amina).welcome is None


class TestWriting:
    def test_is_seen_on_each_side_by_itself(self, karin):
        answered, asked, silent = (welcomed(karin) for _ in range(3))
        MessageFactory(person=answered, reply=True)
        MessageFactory(person=asked, letter=True)

        who_wrote = [
            (row.person_has_written, row.office_has_written)
            for row in map(facts_of, (answered, asked, silent))
        ]

        assert who_wrote == [(True, False), (False, True), (False, False)]


class TestRelations:
    def test_are_those_that_stand(self, karin):
        with_one, with_closed, without = (welcomed(karin) for _ in range(3))
        RelationFactory(principal=with_one, pending=True)
        RelationFactory(principal=with_closed, closing=True)
        RelationFactory(representative=without, pending=True)

        found = [facts_of(person).has_relation for person in (with_one, with_closed, without)]

        assert found == [True, False, False]

    def test_have_the_answer_that_was_given_last(self, karin, amina, monday):
        answer(amina, karin, "no")
        monday.move_to(MONDAY + timedelta(days=1))
        answer(amina, karin, "later", date(2026, 12, 1))

        found = facts_of(amina)

        assert (found.relations_answer, found.ask_again_on) == ("later", date(2026, 12, 1))

    def test_have_no_answer_before_anybody_asked(self, amina):
        found = facts_of(amina)

        assert (found.relations_answer, found.ask_again_on) == (None, None)


class TestNotices:
    def test_are_the_welcomes_in_the_order_they_were_queued(self, karin):
        person = welcomed(karin, notices=[NoticeState.UNDELIVERED, NoticeState.DELIVERED])
        NoticeFactory()

        states = [notice.state for notice in facts_of(person).notices]

        assert states == ["undelivered", "delivered"]

    @pytest.mark.parametrize("state", NoticeState)
    def test_are_missed_when_the_person_was_not_reached(self, karin, state):
        person = welcomed(karin, notices=[state])

        missed = {"undelivered", "failed", "no_report", "needs_human"}
        assert bool(facts_of(person).missed) == (state in missed)

    def test_are_missed_no_longer_when_the_number_is_corrected(self, karin):
        person = welcomed(karin, notices=[NoticeState.UNDELIVERED])

        Person.objects.filter(pk=person.pk).update(mobile_e164="+46701740699")

        assert facts_of(person).missed == []

    def test_are_missed_no_longer_when_the_person_wants_none_there(self, karin):
        person = welcomed(karin, notices=[NoticeState.UNDELIVERED])

        EServiceAccount.objects.filter(person=person).update(notify_by_sms=False)

        assert facts_of(person).missed == []

    def test_are_missed_at_the_email_address_too(self, karin):
        person = welcomed(karin, account__notify_by_email=True)
        notice = NoticeFactory(person=person, email=True, state=NoticeState.FAILED)

        assert facts_of(person).missed == [notice]


class TestUsableFrom:
    def test_is_the_accounts_own_date_once_a_run_has_set_it(self, karin):
        person = person_of(karin, account__active=True, account__usable_from=date(2026, 11, 2))

        assert facts_of(person).usable_from == date(2026, 11, 2)

    def test_is_after_the_coming_night_until_then(self, karin):
        person = person_of(karin, account__pending=True)

        assert facts_of(person).usable_from == date(2026, 11, 24)

    @pytest.mark.parametrize("state", ["failed", "running"])
    def test_depends_on_the_runs_that_have_gone_through(self, karin, monday, state):
        person = person_of(karin, account__pending=True)
        monday.move_to(MONDAY + timedelta(days=1))
        SyncRunFactory(state=state)

        # A night that failed is caught up at once; one under way may have passed this row.
        expected = {"failed": date(2026, 11, 24), "running": date(2026, 11, 25)}[state]
        assert facts_of(person).usable_from == expected

    def test_is_no_old_date_of_a_service_that_is_closing(self, karin):
        person = person_of(karin, account__closing=True)

        assert facts_of(person).account.state == SwitchState.CLOSING
        assert facts_of(person).usable_from == date(2026, 11, 24)


class TestToday:
    def test_is_the_date_in_sweden(self, amina, monday):
        monday.move_to(datetime.fromisoformat("2026-11-23T23:30:00+00:00"))

        assert facts_of(amina).today == date(2026, 11, 24)


class TestIsBarred:
    def test_holds_for_the_protected_and_the_dead(self, karin, amina):
        protected = person_of(karin, protected=True)
        unknown = person_of(karin, protection="unknown")
        deceased = person_of(karin, deceased=True)

        barred = [facts_of(p).is_barred for p in (protected, unknown, deceased, amina)]

        assert barred == [True, True, True, False]

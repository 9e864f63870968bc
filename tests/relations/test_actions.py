from datetime import date, datetime, timedelta
from threading import Barrier, Thread
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection

from persons.actions import Channels, Incomplete
from persons.models import Case, NotAllowed, Person
from persons.states import SwitchState
from relations import actions
from relations.models import ConsentForm, Relation, RelationsAnswer
from staff.models import Role
from tests.factories import CaseFactory, PersonFactory, UserFactory, protect

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Stockholm"))
TODAY = date(2026, 11, 23)
LEILA = "199107172380"


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def karin():
    return UserFactory(role=Role.SUPPORT_CONTACT)


@pytest.fixture
def case(karin):
    return CaseFactory(support_contact=karin)


def channels(**facts) -> Channels:
    details = {
        "notify_by_sms": True,
        "notify_by_email": False,
        "mobile": "070-174 06 98",
        "mobile_e164": "+46701740698",
        "email": "",
        "sms_read_by_others": False,
        "email_read_by_others": False,
    }
    return Channels(**(details | facts))


def leila(**facts) -> actions.CloseRelative:
    details = {
        "identity_number": LEILA,
        "given_name": "Leila",
        "family_name": "Exempel",
        "kinship": "syster",
        "investigation_opened_on": date(2026, 11, 12),
        "consent_on": TODAY,
        "consent_form": ConsentForm.ORAL,
        "valid_until": date(2027, 5, 23),
        "may_read_messages": True,
        "may_write_messages": True,
        "may_see_documents": False,
        "may_see_invitations": False,
        "channels": channels(),
    }
    return actions.CloseRelative(**(details | facts))


def add(case, by, details=None, submission=None) -> Relation:
    return actions.add_close_relative(
        principal=case.person,
        case=case,
        details=details or leila(),
        submission=submission or uuid4(),
        by=by,
    )


class TestAddCloseRelative:
    def test_waits_for_the_night_with_flags_and_number_of_its_own(self, case, karin):
        relation = add(case, karin)

        assert relation.state == SwitchState.PENDING
        assert relation.messages_enabled
        assert relation.mobile_e164 == "+46701740698"
        assert relation.valid_from == TODAY

    def test_notes_when_the_investigation_was_opened_if_nobody_had(self, case, karin):
        add(case, karin)

        case.refresh_from_db()
        assert case.investigation_opened_on == date(2026, 11, 12)

    def test_takes_the_same_submission_once(self, case, karin):
        submission = uuid4()

        assert add(case, karin, submission=submission) == add(case, karin, submission=submission)
        assert Relation.objects.count() == 1

    def test_refuses_a_second_standing_relation_with_the_same(self, case, karin):
        first = add(case, karin)

        with pytest.raises(actions.AlreadyThere) as error:
            add(case, karin)

        assert error.value.relation == first

    def test_may_add_again_who_was_closed(self, case, karin):
        actions.close(relation=add(case, karin), by=karin)

        assert add(case, karin).state == SwitchState.PENDING

    @pytest.mark.parametrize(
        "facts",
        [
            {"investigation_opened_on": TODAY + timedelta(days=1)},
            {"consent_on": TODAY + timedelta(days=1)},
            {"valid_until": TODAY - timedelta(days=1)},
            {"valid_until": TODAY + timedelta(days=366)},
            {"channels": channels(mobile="", mobile_e164="")},
            {"channels": channels(sms_read_by_others=True)},
        ],
    )
    def test_refuses_what_the_rules_forbid(self, case, karin, facts):
        with pytest.raises(Incomplete):
            add(case, karin, leila(**facts))

        assert not Relation.objects.exists()
        assert not Person.objects.filter(identity_number=LEILA).exists()

    def test_refuses_the_person_as_a_relation_of_their_own(self, case, karin):
        with pytest.raises(Incomplete):
            add(case, karin, leila(identity_number=case.person.identity_number))

    def test_refuses_the_principals_own_number(self, case, karin):
        own = channels(mobile=case.person.mobile, mobile_e164=case.person.mobile_e164)

        with pytest.raises(Incomplete):
            add(case, karin, leila(channels=own))

    def test_refuses_the_principals_own_address_however_it_is_written(self, case, karin):
        own = channels(notify_by_email=True, email=case.person.email.upper())

        with pytest.raises(Incomplete):
            add(case, karin, leila(channels=own))

    def test_refuses_while_the_principal_is_protected(self, case, karin):
        protect(case.person)
        case.person.refresh_from_db()

        with pytest.raises(Incomplete):
            add(case, karin)

    def test_is_refused_to_who_does_not_work_with_the_principal(self, case):
        with pytest.raises(PermissionDenied):
            add(case, UserFactory(role=Role.SUPPORT_CONTACT))


@pytest.mark.django_db(transaction=True)
class TestTwoAtTheSameSecond:
    @pytest.mark.parametrize("same_form", [True, False])
    def test_add_one_relation(self, case, karin, same_form):
        submission = uuid4()
        start, outcomes = Barrier(2), []

        def press():
            fresh = Case.objects.select_related("person").get(pk=case.pk)
            start.wait()
            try:
                outcomes.append(add(fresh, karin, submission=submission if same_form else None))
            except Exception as error:
                outcomes.append(error)
            finally:
                connection.close()

        workers = [Thread(target=press) for _worker in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        relation = Relation.objects.get()
        second = actions.AlreadyThere if not same_form else Relation
        assert {type(outcome) for outcome in outcomes} == {Relation, second}
        assert all(getattr(outcome, "relation", outcome) == relation for outcome in outcomes)
        assert case.person.events.count() == 1


class TestARepresentativeWhomWeKnowFromElsewhere:
    @pytest.fixture(params=[{}, {"protected": True}], ids=["known", "protected"])
    def known(self, request) -> Person:
        return PersonFactory(
            identity_number=LEILA, given_name="Hemlig", family_name="Klient", **request.param
        )

    def test_looks_exactly_like_one_whom_we_do_not_know(self, known, case, karin):
        relation = add(case, karin)

        assert relation.state == SwitchState.PENDING
        assert relation.full_name == "Leila Exempel"
        assert relation.representative == known

    def test_is_left_untouched(self, known, case, karin):
        before = Person.objects.filter(pk=known.pk).values().get()

        add(case, karin)

        assert Person.objects.filter(pk=known.pk).values().get() == before


class TestClose:
    def test_shuts_our_own_door_at_once(self, case, karin):
        relation = add(case, karin)
        Relation.objects.filter(pk=relation.pk).update(
            state=SwitchState.ACTIVE, usable_from=TODAY, sent_version=1, synced_version=1
        )
        relation.refresh_from_db()
        assert relation.is_current(on=TODAY)

        actions.close(relation=relation, by=karin)

        relation.refresh_from_db()
        assert relation.state == SwitchState.CLOSING
        assert not relation.is_current(on=TODAY)

    def test_leaves_nothing_to_tell_of_what_nobody_was_told(self, case, karin):
        relation = add(case, karin)

        actions.close(relation=relation, by=karin)

        assert relation.state == SwitchState.OFF
        assert not Relation.objects.dirty().exists()

    def test_closes_once(self, case, karin):
        relation = add(case, karin)
        actions.close(relation=relation, by=karin)

        with pytest.raises(NotAllowed):
            actions.close(relation=relation, by=karin)

    def test_ends_by_itself_on_the_last_day(self, case, karin):
        relation = add(case, karin, leila(valid_until=TODAY))
        relation.state, relation.usable_from = SwitchState.ACTIVE, TODAY

        assert relation.is_current(on=TODAY)
        assert not relation.is_current(on=TODAY + timedelta(days=1))


class TestAnswer:
    def test_is_noted_once_however_often_it_is_pressed(self, case, karin):
        for _press in range(2):
            actions.answer(person=case.person, answer=RelationsAnswer.Answer.NO, by=karin)

        assert RelationsAnswer.objects.count() == 1
        assert case.person.events.get().kind == "relations_answered"

    def test_may_change(self, case, karin):
        actions.answer(person=case.person, answer=RelationsAnswer.Answer.NO, by=karin)

        actions.answer(
            person=case.person,
            answer=RelationsAnswer.Answer.LATER,
            ask_again_on=date(2026, 12, 23),
            by=karin,
        )

        assert RelationsAnswer.objects.order_by("-pk").first().answer == "later"

    def test_is_refused_to_who_does_not_work_with_the_person(self, case):
        with pytest.raises(PermissionDenied):
            actions.answer(
                person=case.person, answer="no", by=UserFactory(role=Role.SUPPORT_CONTACT)
            )

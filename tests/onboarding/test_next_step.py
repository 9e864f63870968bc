"""MONDAY is 23 November 2026; the night before has been run."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from messaging.notices.states import NoticeState
from onboarding import facts
from onboarding.next_step import Tag, Urgency, find
from persons.models import Case
from staff.models import Role
from tests.factories import (
    DecisionRequestFactory,
    MessageFactory,
    NoticeFactory,
    ProtectionDecisionFactory,
    RelationFactory,
    UserFactory,
)
from tests.onboarding.conftest import MONDAY, person_of

TODAY = MONDAY.date()
YESTERDAY = TODAY - timedelta(days=1)


def step_of(person):
    [found] = facts.load(Case.objects.filter(person=person))
    return find(found)


@pytest.fixture
def sara(office):
    return UserFactory(role=Role.CASE_WORKER, unit=office, first_name="Sara")


@pytest.fixture
def someone(karin, sara):
    """Karin's and Sara's person. `readable_at` also gives a welcome that can be read."""

    def make(*, case=None, readable_at=None, account=None, **of_person):
        of_account = {f"account__{name}": value for name, value in (account or {}).items()}
        case = {"case_worker": sara} | (case or {})
        person = person_of(karin, case=case, **of_person, **of_account)
        if readable_at:
            MessageFactory(person=person, readable=True, readable_at=readable_at)
        return person

    return make


def signed_in(at=MONDAY):
    return {"active": True, "first_signed_in_at": at}


class TestSwitchOn:
    def test_is_the_case_workers_until_the_measure_starts(self, someone, sara):
        step = step_of(someone())

        assert (step.text, step.tag) == ("Koppla på e-tjänsten", Tag.NOT_STARTED)
        assert step.responsible == sara
        assert step.url.endswith("/koppla-pa/")
        assert (step.due_on, step.why) == (None, "")

    @pytest.mark.parametrize(("days_left", "name"), [(1, "Sara"), (0, "Karin"), (-1, "Karin")])
    def test_is_the_contacts_from_the_day_of_execution(self, someone, days_left, name):
        case = {"executed_on": TODAY + timedelta(days=days_left)}

        assert step_of(someone(case=case)).responsible.first_name == name

    def test_is_the_contacts_where_there_is_no_case_worker(self, someone, karin):
        assert step_of(someone(case={"case_worker": None})).responsible == karin

    def test_is_the_case_workers_where_there_is_no_contact(self, someone, sara):
        case = {"support_contact": None, "executed_on": TODAY}

        person = someone()
        Case.objects.filter(person=person).update(**case)

        assert step_of(person).responsible == sara

    def test_is_due_five_working_days_after_the_decision(self, someone):
        step = step_of(someone(case={"decided_on": TODAY}))

        assert (step.due_on, step.why) == (date(2026, 11, 30), "Beslut 23 november")

    def test_is_due_two_working_days_after_the_execution(self, someone):
        step = step_of(someone(case={"decided_on": YESTERDAY, "executed_on": TODAY}))

        assert step.due_on == date(2026, 11, 25)
        assert step.why == "Inte påkopplad när insatsen startade"

    @pytest.mark.parametrize(
        ("fact", "day", "due"),
        [
            # Christmas Eve to the 27th and New Year's Eve to the 3rd: offices are closed.
            ("decided_on", date(2026, 12, 23), date(2027, 1, 5)),
            ("executed_on", date(2026, 12, 23), date(2026, 12, 29)),
            # From a Saturday: Monday is the first day, Tuesday the second.
            ("executed_on", date(2026, 12, 12), date(2026, 12, 15)),
            # Easter: Good Friday to Easter Monday.
            ("executed_on", date(2027, 3, 25), date(2027, 3, 31)),
        ],
    )
    def test_counts_working_days_past_holidays(self, someone, monday, fact, day, due):
        person = someone(case={fact: day})
        monday.move_to(datetime.combine(day, MONDAY.timetz()))

        assert step_of(person).due_on == due

    @pytest.mark.parametrize(("days_late", "tag"), [(0, Tag.NOT_STARTED), (1, Tag.LATE)])
    def test_is_late_the_day_after_it_was_due(self, someone, monday, days_late, tag):
        person = someone(case={"executed_on": TODAY})
        monday.move_to(MONDAY + timedelta(days=2 + days_late))

        step = step_of(person)

        assert (step.tag, step.urgency == Urgency.LATE) == (tag, tag == Tag.LATE)

    def test_comes_back_while_the_e_service_is_closing(self, someone):
        assert step_of(someone(account={"closing": True})).text == "Koppla på e-tjänsten"


class TestDeclined:
    def test_waits_for_the_day_to_ask_again(self, someone):
        again = date(2027, 2, 23)
        step = step_of(someone(account={"wish": "no", "ask_again_on": again}))

        assert (step.text, step.tag) == ("Fråga igen tisdag 23 februari 2027", Tag.DECLINED)
        assert (step.urgency, step.due_on) == (Urgency.WAIT, again)
        assert (step.responsible, step.url) == (None, "")

    def test_ends_there_when_nobody_is_to_ask_again(self, someone):
        step = step_of(someone(account={"wish": "no"}))

        assert (step.text, step.tag, step.urgency) == ("Vill inte", Tag.DECLINED, Urgency.WAIT)

    @pytest.mark.parametrize(("asked", "tag"), [(TODAY, Tag.NOT_STARTED), (YESTERDAY, Tag.LATE)])
    def test_becomes_a_question_on_the_day(self, someone, karin, asked, tag):
        step = step_of(someone(account={"wish": "no", "ask_again_on": asked}))

        assert (step.text, step.tag) == ("Fråga igen om e-tjänsten", tag)
        assert (step.responsible, step.due_on) == (karin, asked)

    def test_is_not_late_however_long_ago_the_measure_started(self, someone):
        account = {"wish": "no", "ask_again_on": TODAY + timedelta(days=30)}

        step = step_of(someone(case={"executed_on": date(2026, 1, 7)}, account=account))

        assert step.tag == Tag.DECLINED

    def test_leads_to_help_with_an_e_identification(self, someone, karin):
        step = step_of(someone(account={"wish": "no_eid", "wish_on": TODAY}))

        assert (step.text, step.tag) == ("Hjälp till med e-legitimation", Tag.NO_EID)
        # Ten working days.
        assert (step.responsible, step.due_on) == (karin, date(2026, 12, 7))


class TestCorrect:
    def test_is_for_whoever_switched_on_what_the_night_refused(self, someone, sara):
        account = {"failed": True, "switched_on_by": sara}
        step = step_of(someone(account=account))

        assert step.text == "Rätta uppgiften som stoppade synkningen"
        assert (step.tag, step.urgency) == (Tag.FIX, Urgency.FIX)
        assert step.why == "Kan inte kopplas på. Prata med enhetschefen."
        assert (step.responsible, step.due_on) == (sara, TODAY)

    def test_is_the_contacts_when_nobody_knows_who_switched_on(self, someone, karin):
        assert step_of(someone(account={"failed": True})).responsible == karin

    @pytest.mark.parametrize(
        ("email", "code", "text", "why"),
        [
            (False, "30006", "Rätta mobilnumret", "Sms nådde inte fram, 20 november"),
            (True, "550", "Rätta e-postadressen", "E-postadressen finns inte, 20 november"),
            (
                False,
                "30007",
                "Berätta om meddelandet på ett annat sätt",
                "Operatören stoppade sms:et, 20 november",
            ),
            (
                False,
                "several",
                "Fråga om sms:et kom och vem som har numret",
                "Operatören har flera likadana sms till numret, 20 november",
            ),
        ],
        ids=["sms", "email", "stopped", "several"],
    )
    def test_is_the_contacts_when_a_notice_did_not_arrive(
        self, someone, karin, email, code, text, why
    ):
        friday = MONDAY - timedelta(days=3)
        person = someone(account={"active": True, "notify_by_email": True}, readable_at=friday)
        NoticeFactory(
            person=person, email=email, state=NoticeState.FAILED, last_code=code, settled_at=friday
        )

        step = step_of(person)

        assert (step.text, step.tag, step.why) == (text, Tag.FIX, why)
        # One working day: the weekend does not count.
        assert (step.responsible, step.due_on) == (karin, TODAY)
        assert step.url == reverse("change_details", args=[person.public_id])

    def test_says_the_local_date(self, someone):
        night = datetime(2026, 11, 19, 23, 30, tzinfo=ZoneInfo("UTC"))
        person = someone(account={"active": True}, readable_at=night)
        NoticeFactory(person=person, undelivered=True, settled_at=night)

        assert step_of(person).why == "Sms nådde inte fram, 20 november"

    @pytest.mark.parametrize(
        ("state", "code"),
        [
            (NoticeState.SUPPRESSED, "21610"),  # wants none: no failure
            (NoticeState.NEEDS_HUMAN, "not_taken"),  # ours: an administrator's
        ],
    )
    def test_is_not_asked_of_the_contact_where_there_is_nothing_to_correct(
        self, someone, state, code
    ):
        person = someone(account={"active": True}, readable_at=MONDAY)
        NoticeFactory(person=person, state=state, last_code=code)

        assert step_of(person).text == "Väntar på första inloggning"

    def test_waits_for_the_second_try_of_a_telephone_that_was_off(self, someone):
        person = someone(account={"active": True}, readable_at=MONDAY)
        off = NoticeFactory(person=person, state=NoticeState.UNDELIVERED, last_code="30003")
        again = NoticeFactory(person=person, again_for=off)

        assert step_of(person).text == "Väntar på första inloggning"

        again.move(NoticeState.SENDING, attempt=1)
        again.move(NoticeState.UNDELIVERED, code="30003", settled_at=MONDAY)
        assert step_of(person).text == "Fråga om mobilnumret stämmer"

    def test_does_not_ask_whether_it_arrived_of_who_has_signed_in(self, someone):
        person = someone(account=signed_in(), readable_at=MONDAY)
        NoticeFactory(person=person, state=NoticeState.NO_REPORT, settled_at=MONDAY)

        assert step_of(person).text != "Fråga om sms:et kom fram"


class TestWelcome:
    def test_is_to_be_written_as_soon_as_the_e_service_is_on(self, someone, karin):
        step = step_of(someone(account={"pending": True}))

        assert (step.text, step.tag) == ("Skicka välkomstmeddelande", Tag.NOT_STARTED)
        assert step.why == "E-tjänsten kan användas från och med i morgon, tisdag 24 november"
        # Two working days after it can be used.
        assert (step.responsible, step.due_on) == (karin, date(2026, 11, 26))

    def test_says_since_when_the_e_service_works(self, someone):
        step = step_of(someone(account={"active": True, "usable_from": date(2026, 11, 20)}))

        assert step.why == "E-tjänsten kan användas sedan fredag 20 november"
        assert step.due_on == date(2026, 11, 24)

    def test_says_from_when_it_works_after_a_run_in_the_afternoon(self, someone):
        step = step_of(someone(account={"active": True, "usable_from": date(2026, 11, 24)}))

        assert step.why == "E-tjänsten kan användas från och med i morgon, tisdag 24 november"

    @pytest.mark.parametrize(
        ("state", "day", "moment"),
        [
            ("pending", TODAY, "i morgon, tisdag 24 november kl. 09.00"),
            # Tomorrow is Saturday: the first working day is Monday.
            ("pending", date(2026, 11, 27), "måndag 30 november kl. 09.00"),
            # Usable since this morning.
            ("active", TODAY, "nu"),
        ],
    )
    def test_waits_for_its_morning(self, someone, monday, state, day, moment):
        monday.move_to(datetime.combine(day, MONDAY.timetz()))
        facts.SyncRun.objects.update(local_date=day)
        person = someone(account={state: True})
        MessageFactory(person=person)

        step = step_of(person)

        assert step.text == f"Skickas {moment}"
        assert (step.tag, step.urgency) == (Tag.WAITING, Urgency.WAIT)
        assert step.responsible is None
        assert step.url.endswith("/valkomstmeddelande/")

    def test_is_to_be_written_again_after_it_was_stopped(self, someone):
        person = someone(account={"active": True})
        MessageFactory(person=person, state="stopped")

        assert step_of(person).text == "Skicka välkomstmeddelande"


class TestSignIn:
    @pytest.mark.parametrize("days", [0, 6])
    def test_is_waited_for_during_a_week(self, someone, days):
        since = MONDAY - timedelta(days=days)
        step = step_of(someone(account={"active": True}, readable_at=since))

        assert (step.text, step.tag) == ("Väntar på första inloggning", Tag.WAITING)
        assert step.due_on == since.date() + timedelta(days=7)
        assert (step.responsible, step.urgency) == (None, Urgency.WAIT)
        assert step.why.startswith("Du påminns ")

    def test_is_followed_up_on_the_seventh_day(self, someone, karin):
        since = MONDAY - timedelta(days=7)
        person = someone(account={"active": True}, readable_at=since)

        step = step_of(person)

        assert (step.text, step.tag) == ("Följ upp: har inte loggat in", Tag.LATE)
        assert step.why == "Välkomstmeddelandet kom 16 november"
        assert (step.responsible, step.due_on) == (karin, TODAY)
        assert step.url == person.get_absolute_url()

    def test_is_not_waited_for_in_a_service_that_is_shut(self, someone):
        person = someone(account={"closing": True}, readable_at=MONDAY)

        assert step_of(person).text == "Koppla på e-tjänsten"


class TestRelations:
    def test_are_asked_about_after_the_first_sign_in(self, someone, karin):
        step = step_of(someone(account=signed_in(), readable_at=MONDAY))

        assert (step.text, step.tag) == ("Fråga om relationer", Tag.ONGOING)
        assert (step.responsible, step.due_on) == (karin, TODAY + timedelta(days=14))

    @pytest.mark.parametrize("again", [0, 1])
    def test_are_asked_about_again_on_the_chosen_day(self, someone, karin, again):
        person = someone(account=signed_in(), readable_at=MONDAY)
        day = TODAY + timedelta(days=again)
        person.relations_answers.create(answer="later", ask_again_on=day, by=karin)

        asks_today = step_of(person).text == "Fråga om relationer"

        assert asks_today == (again == 0)

    def test_are_answered_by_no(self, someone, karin):
        person = someone(account=signed_in(), readable_at=MONDAY)
        person.relations_answers.create(answer="no", by=karin)

        assert step_of(person).text == "Skriv ett första meddelande"

    def test_are_answered_by_somebody_who_is_added(self, someone):
        person = someone(account=signed_in(), readable_at=MONDAY)
        RelationFactory(principal=person, pending=True)

        assert step_of(person).text == "Skriv ett första meddelande"


class TestWrite:
    @pytest.mark.parametrize("written", [["letter"], ["reply"]])
    def test_lasts_until_both_have_written(self, someone, karin, written):
        person = someone(account=signed_in(), readable_at=MONDAY)
        person.relations_answers.create(answer="no", by=karin)
        for kind in written:
            MessageFactory(person=person, **{kind: True})

        step = step_of(person)

        assert (step.text, step.tag) == ("Skriv ett första meddelande", Tag.ONGOING)
        assert (step.responsible, step.due_on) == (karin, TODAY + timedelta(days=14))

    def test_is_followed_by_nothing(self, someone, karin):
        person = someone(account=signed_in(), readable_at=MONDAY)
        person.relations_answers.create(answer="no", by=karin)
        MessageFactory(person=person, letter=True)
        MessageFactory(person=person, reply=True)

        step = step_of(person)

        assert (step.text, step.tag, step.urgency) == ("Klar", Tag.DONE, Urgency.DONE)
        assert step.responsible is None


class TestMostUrgent:
    def test_is_what_must_be_fixed_before_what_is_late(self, someone):
        old = MONDAY - timedelta(days=30)
        person = someone(account={"active": True}, readable_at=old)
        NoticeFactory(person=person, undelivered=True)

        assert step_of(person).text == "Rätta mobilnumret"

    def test_is_what_is_late_before_what_is_not(self, someone, karin):
        """The relations are first on the checklist, but were put off until today."""
        person = someone(account=signed_in(MONDAY - timedelta(days=15)), readable_at=MONDAY)
        person.relations_answers.create(answer="later", ask_again_on=TODAY, by=karin)

        step = step_of(person)

        assert (step.text, step.tag) == ("Skriv ett första meddelande", Tag.LATE)

    def test_is_a_task_before_a_wait(self, someone):
        person = someone(account={"pending": True, "first_signed_in_at": MONDAY})
        MessageFactory(person=person)
        assert step_of(person).urgency == Urgency.WAIT

        person.account.usable_from = TODAY
        person.account.state = "active"
        person.account.save()

        assert (step_of(person).text, step_of(person).urgency) == (
            "Fråga om relationer",
            Urgency.TASK,
        )

    def test_is_the_first_of_the_checklist_when_all_are_as_urgent(self, someone):
        assert step_of(someone(account=signed_in(), readable_at=MONDAY)).text == (
            "Fråga om relationer"
        )


class TestProtected:
    @pytest.mark.parametrize("protection", ["confidentiality_marking", "unknown"])
    def test_begins_with_asking_for_a_decision(self, someone, karin, protection):
        step = step_of(someone(protection=protection, case={"executed_on": date(2026, 1, 7)}))

        assert (step.text, step.tag) == ("Be om beslut om e-tjänsten", Tag.PROTECTED)
        assert (step.responsible, step.urgency) == (karin, Urgency.TASK)
        assert step.url.endswith("/be-om-beslut/")

    def test_waits_for_the_answer(self, someone, karin):
        person = someone(protected=True)
        DecisionRequestFactory(person=person, asked_by=karin)

        step = step_of(person)

        assert step.text == "Enhetschefen tar ställning till e-tjänsten"
        assert (step.why, step.urgency) == ("Karin Ek frågade i dag", Urgency.WAIT)

    def test_is_done_with_a_no(self, someone):
        person = someone(protected=True)
        ProtectionDecisionFactory(person=person, allows_e_service=False)

        step = step_of(person)

        assert (step.text, step.tag) == ("E-tjänsten ska inte kopplas på", Tag.PROTECTED)
        assert (step.why, step.urgency) == ("Enhetschefen beslutade i dag", Urgency.DONE)

    def test_waits_for_the_day_of_a_yes(self, someone):
        person = someone(protected=True)
        ProtectionDecisionFactory(person=person, valid_from=date(2026, 11, 25))

        step = step_of(person)

        assert step.text == "Kan kopplas på från och med onsdag 25 november"
        assert step.urgency == Urgency.WAIT

    def test_is_to_switch_on_with_a_yes(self, someone, sara):
        person = someone(protected=True)
        ProtectionDecisionFactory(person=person)

        step = step_of(person)

        assert (step.text, step.responsible) == ("Koppla på e-tjänsten", sara)

    def test_asks_nothing_for_who_does_not_want(self, someone):
        wish = {"wish": "no", "ask_again_on": date(2027, 2, 1)}

        assert step_of(someone(protected=True, account=wish)).tag == Tag.DECLINED

    def test_never_asks_about_relations(self, someone):
        person = someone(protected=True, account=signed_in(), readable_at=MONDAY)
        ProtectionDecisionFactory(person=person)

        assert step_of(person).text == "Skriv ett första meddelande"

    def test_asks_for_no_welcome(self, someone):
        step = step_of(someone(protected=True, account={"active": True}))

        assert step.tag == Tag.PROTECTED


class TestDeceased:
    def test_is_ended(self, someone):
        step = step_of(someone(deceased=True, case={"executed_on": date(2026, 1, 7)}))

        assert (step.text, step.tag) == ("Personen är avliden", Tag.ENDED)
        assert (step.responsible, step.urgency) == (None, Urgency.DONE)

    @pytest.mark.parametrize("state", ["pending", "failed", "active", "pending_change"])
    def test_has_what_is_open_to_be_shut(self, someone, karin, state):
        step = step_of(someone(deceased=True, account={state: True}))

        assert (step.text, step.tag) == ("Stäng av e-tjänsten", Tag.FIX)
        assert (step.responsible, step.due_on) == (karin, TODAY)
        assert step.url.endswith("/stang-av/")

    def test_is_ended_when_it_is_shut(self, someone):
        assert step_of(someone(deceased=True, account={"closing": True})).tag == Tag.ENDED


class TestIsFor:
    def test_tells_mine_from_others(self, someone, karin, sara):
        step = step_of(someone())

        assert (step.is_for(sara), step.is_for(karin)) == (True, False)

"""MONDAY is 23 November 2026; the night before has been run."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from messaging.notices.states import NoticeState
from onboarding import facts
from onboarding.checklist import NOT_YET, build, notice_wait
from onboarding.next_step import Tag
from persons.models import Case
from tests.factories import MessageFactory, NoticeFactory, RelationFactory
from tests.onboarding.conftest import MONDAY, person_of

TODAY = MONDAY.date()


def checklist_of(person):
    [found] = facts.load(Case.objects.filter(person=person))
    return build(found)


def step(person, number):
    return checklist_of(person).steps[number - 1]


def waits(person, number):
    return [(wait.text, wait.is_done) for wait in step(person, number).waits]


def welcomed(karin, **account):
    account = {f"account__{name}": value for name, value in ({"active": True} | account).items()}
    person = person_of(karin, **account)
    MessageFactory(person=person, readable=True, written_by=karin, created_at=MONDAY)
    return person


class TestBuild:
    def test_begins_with_four_steps_of_which_one_can_be_done(self, amina):
        found = checklist_of(amina)

        assert [(s.number, s.title, s.status) for s in found.steps] == [
            (1, "Koppla på e-tjänsten", "Inte påbörjad"),
            (2, "Skicka välkomstmeddelande", "Kan inte göras än"),
            (3, "Fråga om relationer", "Inte påbörjad"),
            (4, "Använd e-tjänsten i vardagen", "Kan inte göras än"),
        ]
        assert found.done_count == 0
        assert found.next.text == "Koppla på e-tjänsten"

    def test_ends_with_four_that_are_done(self, karin):
        person = welcomed(karin, first_signed_in_at=MONDAY)
        person.relations_answers.create(answer="no", by=karin)
        MessageFactory(person=person, letter=True)
        MessageFactory(person=person, reply=True)

        found = checklist_of(person)

        assert [s.is_done for s in found.steps] == [True] * 4
        assert (found.done_count, found.next.tag) == (4, Tag.DONE)

    def test_makes_no_link_of_what_cannot_be_done_yet(self, amina):
        links = [s.url.rsplit("/", 2)[-2] if s.url else None for s in checklist_of(amina).steps]

        assert links == ["koppla-pa", None, "relationer", None]

    @pytest.mark.parametrize("barred", [{"protected": True}, {"deceased": True}])
    def test_makes_no_link_at_all_for_someone_who_is_barred(self, karin, barred):
        found = checklist_of(person_of(karin, **barred))

        assert [s.tag for s in found.steps] == [NOT_YET] * 4
        assert not any(s.url for s in found.steps)


class TestSwitchOn:
    @pytest.mark.parametrize(
        ("account", "tag"),
        [
            ({}, Tag.NOT_STARTED),
            ({"pending": True}, Tag.DONE),
            ({"active": True}, Tag.DONE),
            ({"pending_change": True}, Tag.DONE),
            ({"failed": True}, Tag.FIX),
            ({"closing": True}, Tag.NOT_STARTED),
            ({"wish": "no"}, Tag.DECLINED),
            ({"wish": "no_eid"}, Tag.NO_EID),
        ],
        ids=str,
    )
    def test_has_the_tag_of_the_accounts_state(self, karin, account, tag):
        person = person_of(karin, **{f"account__{name}": v for name, v in account.items()})

        assert step(person, 1).tag == tag

    def test_is_done_also_for_someone_who_died_while_it_was_on(self, karin):
        assert step(person_of(karin, deceased=True, account__active=True), 1).tag == Tag.DONE

    def test_says_who_does_it_and_then_who_did_it(self, karin, amina):
        done = person_of(karin, account__pending=True, account__switched_on_by=karin)

        assert step(amina, 1).hint.startswith("Görs av handläggaren.")
        assert step(done, 1).hint == "Karin Ek, 23 november kl. 10.42"

    def test_says_whose_decision_it_is_for_a_protected_person(self, karin):
        hint = step(person_of(karin, protected=True, account__active=True), 1).hint

        assert hint == "Enhetschefen måste besluta innan e-tjänsten kopplas på."

    @pytest.mark.parametrize(
        ("account", "text", "is_done"),
        [
            ({"pending": True}, "Kan användas från och med i morgon, tisdag 24 november", False),
            ({"active": True}, "Synkad. Kan användas sedan i dag", True),
            (
                {"active": True, "usable_from": TODAY + timedelta(days=1)},
                "Kan användas från och med i morgon, tisdag 24 november",
                True,
            ),
            ({"pending_change": True}, "Synkad. Kan användas sedan i dag", True),
            (
                {"failed": True},
                (
                    "Synkningen gick inte igenom. Orsak: Kan inte kopplas på. "
                    "Prata med enhetschefen. Vi försöker igen i natt."
                ),
                False,
            ),
            (
                {"closing": True},
                "Avstängd hos oss. Stängs i natt även i e-tjänsten.",
                False,
            ),
        ],
        ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
    )
    def test_waits_for_the_night(self, karin, account, text, is_done):
        person = person_of(karin, **{f"account__{name}": v for name, v in account.items()})

        assert waits(person, 1) == [(text, is_done)]

    def test_waits_for_nothing_while_it_is_off(self, amina):
        assert waits(amina, 1) == []


class TestWelcome:
    def test_can_be_written_when_the_e_service_is_on(self, karin):
        found = step(person_of(karin, account__pending=True), 2)

        assert (found.tag, found.waits) == (Tag.NOT_STARTED, [])
        assert found.hint == "Går att skriva när e-tjänsten är påkopplad."
        assert found.url.endswith("/valkomstmeddelande/")

    def test_says_who_wrote_it_and_when_it_is_sent(self, karin):
        person = person_of(karin, account__pending=True)
        MessageFactory(person=person, written_by=karin)

        found = step(person, 2)

        assert (found.tag, found.hint) == (Tag.WAITING, "Karin Ek, 23 november kl. 10.42")
        assert waits(person, 2) == [("Skickas i morgon, tisdag 24 november kl. 09.00", False)]

    def test_tells_what_became_of_each_notice_and_waits_for_the_person(self, karin):
        person = welcomed(karin)
        NoticeFactory(person=person, delivered=True)
        NoticeFactory(person=person, email=True, state=NoticeState.SENT)

        assert step(person, 2).tag == Tag.DONE
        assert waits(person, 2) == [
            ("Meddelandet finns i inkorgen", True),
            ("Sms levererat 23 november kl. 10.42", True),
            ("Mejl skickat", True),
            ("Väntar på första inloggning", False),
        ]

    def test_sees_the_first_sign_in(self, karin):
        person = welcomed(karin, first_signed_in_at=datetime.fromisoformat("2026-11-23T23:05Z"))

        assert waits(person, 2)[-1] == ("Loggade in första gången 24 november kl. 00.05", True)

    def test_is_to_be_fixed_when_a_notice_did_not_arrive(self, karin):
        person = welcomed(karin)
        NoticeFactory(person=person, undelivered=True)

        assert step(person, 2).tag == Tag.FIX

    def test_can_be_looked_at_after_the_e_service_was_switched_off(self, karin):
        person = person_of(karin, account__closing=True)
        MessageFactory(person=person, readable=True)

        assert step(person, 2).url.endswith("/valkomstmeddelande/")


class TestNoticeWait:
    @pytest.mark.parametrize("email", [False, True], ids=["sms", "email"])
    @pytest.mark.parametrize("state", NoticeState)
    def test_has_words_of_its_own_channel_for_every_state(self, office, state, email):
        wait = notice_wait(NoticeFactory(email=email, state=state))

        channel, other = ("mejl", "sms") if email else ("sms", "mejl")
        words = wait.text.lower().replace("e-postadressen", "mejl")
        assert channel in words
        assert other not in words
        arrived = {"sent", "delivered", "suppressed"} | ({"no_report"} if email else set())
        assert wait.is_done == (state in arrived)

    def test_says_what_to_do_about_what_did_not_arrive(self, office):
        wait = notice_wait(NoticeFactory(undelivered=True))

        assert wait.text == (
            "Sms nådde inte fram. Numret fungerar inte. Fråga personen efter rätt nummer."
        )

    def test_says_when_it_is_tried_again(self, office):
        off = NoticeFactory(state=NoticeState.UNDELIVERED, last_code="30003")
        morning = datetime(2026, 11, 24, 8, tzinfo=ZoneInfo("UTC"))

        wait = notice_wait(NoticeFactory(person=off.person, again_for=off, not_before=morning))

        assert wait.text == "Vi försöker igen med sms i morgon, tisdag 24 november kl. 09.00."


class TestRelations:
    @pytest.mark.parametrize(
        ("answer", "again", "tag", "hint"),
        [
            ("no", None, Tag.DONE, "Nej, ingen just nu."),
            (
                "later",
                TODAY + timedelta(1),
                Tag.WAITING,
                "Fråga igen i morgon, tisdag 24 november.",
            ),
            (
                "later",
                TODAY,
                Tag.NOT_STARTED,
                "Frivilligt. Går att aktivera när en utredning har inletts.",
            ),
        ],
        ids=["no", "later", "now"],
    )
    def test_has_the_tag_of_the_answer(self, karin, amina, answer, again, tag, hint):
        amina.relations_answers.create(answer=answer, ask_again_on=again, by=karin)

        assert (step(amina, 3).tag, step(amina, 3).hint) == (tag, hint)

    def test_is_done_with_one_that_stands(self, amina):
        RelationFactory(principal=amina, pending=True)

        found = step(amina, 3)

        assert (found.tag, found.hint) == (Tag.DONE, "Minst en relation är tillagd.")
        assert found.url.endswith("/relationer/")


class TestDailyUse:
    @pytest.mark.parametrize(
        ("signed_in", "written", "tag"),
        [
            (None, ["letter", "reply"], NOT_YET),
            (MONDAY, [], Tag.ONGOING),
            (MONDAY, ["letter"], Tag.ONGOING),
            (MONDAY, ["reply"], Tag.ONGOING),
            (MONDAY, ["letter", "reply"], Tag.DONE),
        ],
        ids=["not signed in", "silent", "the office", "the person", "both"],
    )
    def test_is_done_when_both_have_written_and_the_person_has_signed_in(
        self, karin, signed_in, written, tag
    ):
        person = welcomed(karin, first_signed_in_at=signed_in)
        for kind in written:
            MessageFactory(person=person, **{kind: True})

        assert step(person, 4).tag == tag

    def test_is_nobodys_to_tick(self, karin):
        person = welcomed(karin, first_signed_in_at=MONDAY)

        assert step(person, 4).url == ""

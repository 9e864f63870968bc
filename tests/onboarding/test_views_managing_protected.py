"""Skyddade personer, for the unit manager: MONDAY is 23 November 2026."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from messaging.inbox.models import Message
from persons.models import AccessLogEntry, Person, PersonEvent, ProtectionDecision
from persons.states import SwitchState
from staff.models import Role
from tests.factories import (
    CaseFactory,
    DecisionRequestFactory,
    MessageFactory,
    NamedAccessFactory,
    PersonFactory,
    ProtectionDecisionFactory,
    UserFactory,
)
from tests.onboarding.conftest import MONDAY
from tests.pages import Page, follow, open_page

LIST = "/skyddade-personer/"
Action = AccessLogEntry.Action


@pytest.fixture
def eva(office):
    return UserFactory(role=Role.UNIT_MANAGER, unit=office, first_name="Eva", last_name="Sund")


@pytest.fixture
def manager(client, eva):
    client.force_login(eva)
    return client


@pytest.fixture
def hidden(office, karin):
    """Nobody is named."""
    person = PersonFactory(given_name="Amina", family_name="Hemlig", protected=True)
    CaseFactory(
        person=person, number="IFO-2026-113", unit=office, support_contact=karin, named=False
    )
    return person


def address(name, person):
    return reverse(name, args=[person.public_id])


def secrets_in(page, person):
    html = page.response.content.decode()
    every = ("Amina", "Hemlig", person.mobile, person.email, person.identity_number[2:8])
    return [s for s in (*every, f"{person.age} år", str(person.birth_year)) if s in html]


class TestProtectedPeople:
    def test_tells_the_case_number_and_nothing_of_who_it_is(self, manager, hidden):
        page = open_page(manager, LIST)

        assert "Skyddad person, IFO-2026-113 Ta ställning till e-tjänsten" in page.words
        assert not secrets_in(page, hidden)

    def test_tells_who_is_named_and_who_has_asked(self, manager, hidden, karin):
        NamedAccessFactory(person=hidden, user=karin)
        DecisionRequestFactory(person=hidden, asked_by=karin)

        page = open_page(manager, LIST)

        assert "Karin Ek frågade 23 november kl. 10.42" in page.words

    def test_puts_those_who_wait_first(self, manager, hidden, office):
        decided = CaseFactory(
            number="IFO-2026-2", unit=office, person__protected=True, named=False
        ).person
        ProtectionDecisionFactory(person=decided)

        found = open_page(manager, LIST).words

        assert found.index("IFO-2026-113") < found.index("IFO-2026-2")
        assert "Får kopplas på från och med i dag, utan sms och mejl" in found

    def test_has_only_open_cases_of_ones_own_units(self, manager, office):
        CaseFactory(number="ANNAN-1", person__protected=True, named=False)
        CaseFactory(
            number="STÄNGD-1", unit=office, person__protected=True, named=False,
            closed_on="2026-11-01",
        )  # fmt: skip
        CaseFactory(number="VANLIG-1", unit=office)

        page = open_page(manager, LIST)

        assert "Ingen skyddad person i dina enheter." in page.words
        for number in ("ANNAN-1", "STÄNGD-1", "VANLIG-1"):
            assert number not in page.words

    def test_is_one_row_for_a_person_with_two_cases(self, manager, hidden, office):
        CaseFactory(person=hidden, number="IFO-2026-2", unit=office, named=False)

        assert "IFO-2026-113, IFO-2026-2" in open_page(manager, LIST).words

    def test_is_logged_as_a_list(self, manager, hidden):
        manager.get(LIST)

        entry = AccessLogEntry.objects.get()
        assert (entry.action, entry.listed) == (Action.LIST, [hidden.pk])

    def test_is_not_there_for_those_who_manage_nothing(self, signed_in, hidden):
        assert signed_in.get(LIST).status_code == 404

    @pytest.mark.parametrize("people", [1, 12])
    def test_asks_as_few_questions_however_many_there_are(
        self, manager, office, people, django_assert_max_num_queries
    ):
        for _each in range(people):
            person = CaseFactory(unit=office, person__protected=True).person
            ProtectionDecisionFactory(person=person)
            NamedAccessFactory(person=person, user=UserFactory())

        with django_assert_max_num_queries(12):
            manager.get(LIST)


class TestMenu:
    def test_counts_those_who_wait_for_a_manager(self, manager, hidden):
        assert open_page(manager, "/").link("Skyddade personer, 1 väntar") == LIST

    def test_counts_nobody_when_all_is_decided(self, manager, hidden):
        ProtectionDecisionFactory(person=hidden, allows_e_service=False)

        assert "väntar" not in open_page(manager, "/").link("Skyddade personer")
        assert "Skyddade personer," not in open_page(manager, "/").words

    def test_counts_no_further_than_anybody_reads(self, manager, hidden, office, monkeypatch):
        monkeypatch.setattr("onboarding.context.MANY", 2)
        CaseFactory.create_batch(2, person__protected=True, unit=office, named=False)

        assert open_page(manager, "/").link("Skyddade personer, minst 2 väntar") == LIST

    def test_says_nothing_to_others(self, signed_in, hidden):
        assert "Skyddade personer" not in open_page(signed_in, "/").words


class TestStart:
    def test_tells_a_manager_that_some_are_not_shown(self, manager, hidden):
        page = open_page(manager, "/")

        assert "1 person med skyddade personuppgifter visas inte här" in page.words
        assert page.link("Visa skyddade personer") == LIST

    def test_counts_not_whom_the_manager_is_named_for(self, manager, hidden, eva):
        NamedAccessFactory(person=hidden, user=eva)

        assert "visas inte här" not in open_page(manager, "/").words

    def test_tells_others_nothing(self, signed_in, hidden):
        page = open_page(signed_in, "/?vy=alla")

        assert "skydda" not in page.words.casefold()
        assert "Alla 0" in page.words


class TestProtectedPerson:
    def test_tells_nothing_of_who_it_is(self, manager, hidden):
        page = open_page(manager, address("protected_person", hidden))

        assert page.heading == "Skyddad person"
        assert "Ta ställning till e-tjänsten." in page.words
        assert not secrets_in(page, hidden)
        assert "Sekretessmarkering" not in page.words

    def test_names_a_colleague_with_a_reason_and_a_last_day(self, manager, hidden, karin, office):
        NamedAccessFactory(person=hidden, user=karin)
        erik = UserFactory(role=Role.SUPPORT_CONTACT, unit=office, first_name="Erik")
        form = open_page(manager, address("protected_person", hidden)).form("Namnge")

        response = form.send(
            manager, user=str(erik.public_id), reason="Vikarierar", valid_until="2026-12-31"
        )

        named = hidden.named_access.get(user=erik)
        assert (named.reason, named.valid_until) == ("Vikarierar", date(2026, 12, 31))
        assert follow(manager, response).status.startswith("Erik Ek får se personen")

    def test_is_logged_with_the_reason(self, manager, hidden, karin):
        manager.post(
            address("protected_person", hidden),
            {"user": str(karin.public_id), "reason": "Har ärendet"},
        )

        entry = AccessLogEntry.objects.get()
        assert (entry.action, entry.person) == (Action.UPDATE, hidden)
        assert (entry.basis, entry.reason) == ("manager", "Har ärendet")

    def test_opens_the_person_for_a_manager_who_names_herself(self, manager, hidden, eva):
        assert manager.get(hidden.get_absolute_url()).status_code == 404

        response = manager.post(
            address("protected_person", hidden),
            {"user": str(eva.public_id), "reason": "Ska granska ärendet"},
        )

        assert follow(manager, response).link("Öppna personbilden") == hidden.get_absolute_url()
        assert manager.get(hidden.get_absolute_url()).status_code == 200

    def test_asks_who_and_why(self, manager, hidden):
        page = Page(manager.post(address("protected_person", hidden), {"valid_until": "1/1/2020"}))

        assert page.errors() == {
            "id_user": "Välj vem som ska få se personen.",
            "id_reason": "Skriv varför hen behöver se personen.",
            "id_valid_until": "Datumet har redan varit. Välj ett senare datum.",
        }
        assert not hidden.named_access.exists()

    def test_names_nobody_from_elsewhere(self, manager, hidden):
        stranger = UserFactory(role=Role.CASE_WORKER)

        page = Page(
            manager.post(
                address("protected_person", hidden),
                {"user": str(stranger.public_id), "reason": "Varför inte"},
            )
        )

        assert page.errors() == {"id_user": "Välj någon i listan."}

    def test_names_the_workers_with_one_press(self, manager, hidden, karin):
        page = open_page(manager, address("protected_person", hidden))
        assert "Har ärendet men ser inte personen: Karin Ek" in page.words

        page = follow(manager, page.form("Namnge dem som har ärendet").send(manager))

        assert page.status.startswith("Får se personen: Karin Ek.")
        assert Person.objects.visible_to(karin).exists()
        assert "Har ärendet men ser inte personen" not in page.words

    def test_ends_an_access_at_once(self, manager, hidden, karin):
        NamedAccessFactory(person=hidden, user=karin)
        form = open_page(manager, address("protected_person", hidden)).form("Avsluta")

        page = follow(manager, form.send(manager))

        assert page.status.startswith("Karin Ek ser inte längre personen.")
        assert not Person.objects.visible_to(karin).exists()

    def test_ends_nothing_for_a_name_that_it_does_not_know(self, manager, hidden, karin):
        NamedAccessFactory(person=hidden, user=karin)

        manager.post(address("end_named_access", hidden), {"user": "inget"})

        assert Person.objects.visible_to(karin).exists()

    @pytest.mark.parametrize(
        "name",
        ["protected_person", "name_workers", "end_named_access", "decide", "lift_protection"],
    )
    def test_is_not_there_for_those_who_work_with_the_person(self, signed_in, hidden, karin, name):
        NamedAccessFactory(person=hidden, user=karin)

        assert signed_in.post(address(name, hidden), {"reason": "Nej"}).status_code == 404
        assert Person.objects.protected().exists()

    def test_takes_any_bytes_for_a_reason(self, manager, hidden):
        response = manager.post(address("protected_person", hidden), {"reason": "\x00" + "x" * 999})

        assert response.status_code == 200


class TestDecide:
    def decide(self, client, person, **typed):
        return client.post(
            address("decide", person),
            {"answer": "yes", "valid_from": "2026-11-23", "reason": "Riskbedömt"} | typed,
        )

    def test_shows_the_question_and_nothing_of_who_it_is(self, manager, hidden, karin):
        DecisionRequestFactory(person=hidden, asked_by=karin, reason="Vill ha kontakt digitalt")

        page = open_page(manager, address("decide", hidden))

        assert "Vill ha kontakt digitalt Karin Ek frågade 23 november kl. 10.42" in page.words
        assert not secrets_in(page, hidden)

    def test_yes_opens_for_switching_on_without_notices(self, manager, hidden, eva, karin):
        DecisionRequestFactory(person=hidden, asked_by=karin)

        page = follow(manager, self.decide(manager, hidden))

        assert page.status.startswith(
            "Beslutet är sparat. E-tjänsten kan kopplas på utan sms och mejl."
        )
        person = Person.objects.get(pk=hidden.pk)
        assert person.may_use_e_service(on=MONDAY.date())
        assert (person.standing_decision.decided_by, person.waiting_request) == (eva, None)

    @pytest.mark.parametrize(
        ("typed", "errors"),
        [
            ({"answer": ""}, {"id_answer_0": "Välj ja eller nej."}),
            (
                {"valid_from": ""},
                {"id_valid_from": "Skriv från och med när beslutet gäller."},
            ),
            ({"reason": ""}, {"id_reason": "Skriv vad beslutet bygger på."}),
        ],
    )
    def test_needs_an_answer_a_day_and_a_reason(self, manager, hidden, typed, errors):
        page = Page(self.decide(manager, hidden, **typed))

        assert page.errors() == errors
        assert not ProtectionDecision.objects.exists()

    def test_no_shuts_what_an_earlier_yes_opened(self, manager, hidden):
        ProtectionDecisionFactory(person=hidden)
        account = hidden.account
        account.move(SwitchState.PENDING, messages_enabled=True)
        message = MessageFactory(person=hidden)

        self.decide(manager, hidden, answer="no", valid_from="")

        account.refresh_from_db()
        message.refresh_from_db()
        assert (account.state, account.messages_enabled) == (SwitchState.CLOSING, False)
        assert message.state == Message.State.STOPPED

    def test_twice_is_one_decision(self, manager, hidden):
        for _again in range(2):
            self.decide(manager, hidden)

        assert ProtectionDecision.objects.count() == 1
        assert PersonEvent.objects.filter(kind="decision_taken").count() == 1

    def test_of_another_kind_replaces_the_first(self, manager, hidden):
        self.decide(manager, hidden)
        self.decide(manager, hidden, answer="no")

        assert not Person.objects.get(pk=hidden.pk).standing_decision.allows_e_service
        assert ProtectionDecision.objects.standing().count() == 1


class TestUndoDecision:
    def test_takes_it_back(self, manager, hidden):
        ProtectionDecisionFactory(person=hidden, decided_at=MONDAY)
        form = open_page(manager, address("protected_person", hidden)).form("Ångra beslutet")

        page = follow(manager, form.send(manager))

        assert page.status.startswith("Beslutet är ångrat. Inget beslut gäller.")
        assert Person.objects.get(pk=hidden.pk).standing_decision is None

    def test_is_too_late_after_ten_minutes(self, manager, hidden):
        ProtectionDecisionFactory(person=hidden, decided_at=MONDAY - timedelta(minutes=10))

        page = follow(manager, manager.post(address("undo_decision", hidden)))

        assert page.status.startswith("Det går inte att ångra längre.")
        assert "Ångra beslutet" not in page.words
        assert ProtectionDecision.objects.standing().exists()

    def test_is_too_late_when_something_is_switched_on(self, manager, hidden):
        ProtectionDecisionFactory(person=hidden, decided_at=MONDAY)
        hidden.account.move(SwitchState.PENDING, messages_enabled=True)

        manager.post(address("undo_decision", hidden))

        assert ProtectionDecision.objects.standing().exists()


class TestLift:
    def test_asks_why_on_a_stop_page(self, manager, hidden):
        page = Page(manager.post(address("lift_protection", hidden), {"reason": " "}))

        assert page.errors() == {"id_reason": "Skriv varför markeringen inte gäller längre."}
        assert Person.objects.protected().exists()

    def test_lifts_with_a_reason(self, manager, hidden):
        form = open_page(manager, address("lift_protection", hidden)).form("Häv markeringen")

        page = follow(manager, form.send(manager, reason="Markeringen är borttagen"))

        assert page.status.startswith("Markeringen är hävd för ärende IFO-2026-113.")
        assert not Person.objects.protected().exists()

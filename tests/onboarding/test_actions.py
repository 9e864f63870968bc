"""MONDAY is 23 November 2026; the night before has been run."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from messaging.inbox.models import Message
from messaging.notices import restoring
from messaging.notices.delivery import claim
from messaging.notices.models import Channel, Notice
from messaging.notices.states import NoticeState
from onboarding import actions, facts
from persons.actions import Outdated, SwitchOn
from persons.models import Case, NotAllowed, PersonEvent, Registration
from persons.states import SwitchState
from staff.models import Role
from tests.factories import (
    CaseFactory,
    MessageFactory,
    NoticeFactory,
    RelationFactory,
    UnitFactory,
    UserFactory,
)
from tests.onboarding.conftest import MONDAY, person_of

NEW_MOBILE, NEW_EMAIL = "+46701740699", "ny@exempel.se"


def facts_of(person):
    [found] = facts.load(Case.objects.filter(person=person))
    return found


def welcomed(user, *, state, **account):
    """Told by SMS and by e-mail; what became of the SMS is `state`."""
    account = {f"account__{name}": value for name, value in account.items()}
    person = person_of(user, account__active=True, account__notify_by_email=True, **account)
    MessageFactory(person=person, readable=True)
    sms = NoticeFactory(person=person, state=state)
    NoticeFactory(person=person, email=True, delivered=True)
    return person, sms


def details(person, **changed):
    account = person.account
    same = {
        "notify_by_sms": account.notify_by_sms,
        "notify_by_email": account.notify_by_email,
        "mobile": person.mobile,
        "mobile_e164": person.mobile_e164,
        "email": person.email,
        "sms_read_by_others": False,
        "email_read_by_others": False,
        "wish_on": MONDAY.date(),
    }
    return SwitchOn(**same | changed)


def save(person, by, **changed):
    found = facts_of(person)
    actions.save_switch(
        facts=found,
        details=details(found.person, **changed),
        seen_version=found.account.version,
        by=by,
    )


def new_number(person, by):
    save(person, by, mobile="070-174 06 99", mobile_e164=NEW_MOBILE)


def new_notices(person):
    old = Notice.objects.filter(attempt=1) | Notice.objects.filter(state=NoticeState.CANCELLED)
    return list(person.notices.exclude(pk__in=old).order_by("pk").values_list("channel", "address"))


class TestSaveSwitch:
    def test_switches_on_and_tells_nobody_yet(self, karin, amina):
        save(amina, karin, notify_by_sms=True)

        assert facts_of(amina).account.state == SwitchState.PENDING
        assert not Notice.objects.exists()

    def test_tells_the_new_number_alone_when_the_old_one_was_not_reached(self, karin):
        person, _sms = welcomed(karin, state=NoticeState.UNDELIVERED)
        Notice.objects.update(attempt=1)

        new_number(person, karin)

        assert new_notices(person) == [(Channel.SMS, NEW_MOBILE)]
        assert facts_of(person).missed == []

    def test_tells_a_channel_that_is_new_when_the_old_one_was_not_reached(self, karin):
        person = person_of(karin, account__active=True)
        MessageFactory(person=person, readable=True)
        NoticeFactory(person=person, undelivered=True)

        save(person, karin, notify_by_sms=False, notify_by_email=True, email=NEW_EMAIL)

        assert new_notices(person) == [(Channel.EMAIL, NEW_EMAIL)]

    def test_sends_the_sheet_of_the_welcome_again(self, karin, sheet):
        person = person_of(karin, account__active=True)
        MessageFactory(person=person, readable=True, sheet=sheet)
        NoticeFactory(person=person, undelivered=True)

        save(person, karin, notify_by_email=True)

        assert person.notices.get(channel=Channel.EMAIL).sheet == sheet

    @pytest.mark.parametrize("state", [NoticeState.DELIVERED, NoticeState.ACCEPTED])
    def test_tells_nobody_twice_who_has_been_told(self, karin, state):
        person, _sms = welcomed(karin, state=state)
        Notice.objects.update(attempt=1)

        new_number(person, karin)

        assert new_notices(person) == []

    def test_tells_nobody_again_when_nothing_changed(self, karin):
        person, _sms = welcomed(karin, state=NoticeState.UNDELIVERED)
        Notice.objects.update(attempt=1)

        save(person, karin)

        assert new_notices(person) == []

    def test_tells_the_next_number_too_when_that_one_was_wrong_as_well(self, karin):
        person, _sms = welcomed(karin, state=NoticeState.UNDELIVERED)
        Notice.objects.update(attempt=1)
        new_number(person, karin)
        Notice.objects.filter(address=NEW_MOBILE).update(state=NoticeState.FAILED, attempt=1)

        save(person, karin, mobile="070-174 06 98", mobile_e164="+46701740698")

        assert new_notices(person) == [(Channel.SMS, "+46701740698")]

    def test_sends_what_still_waits_to_the_new_number_and_not_to_the_old(self, karin):
        person, waiting = welcomed(karin, state=NoticeState.QUEUED)

        new_number(person, karin)

        restoring.require_current()
        claimed = []
        while found := claim(now=MONDAY):
            claimed += [notice.address for notice in found.notices]
        waiting.refresh_from_db()
        assert claimed == [NEW_MOBILE]
        assert (waiting.state, waiting.last_code) == (NoticeState.CANCELLED, "address_changed")

    def test_sends_to_the_first_number_after_all_when_that_was_right(self, karin):
        person, _waiting = welcomed(karin, state=NoticeState.QUEUED)
        right = {"mobile": person.mobile, "mobile_e164": person.mobile_e164}
        new_number(person, karin)
        Notice.objects.filter(address=person.mobile_e164).update(state=NoticeState.CANCELLED)

        save(person, karin, **right)

        restoring.require_current()
        assert claim(now=MONDAY).notices[0].address == right["mobile_e164"]

    def test_writes_nothing_when_the_facts_are_old(self, karin):
        person, _sms = welcomed(karin, state=NoticeState.UNDELIVERED)
        Notice.objects.update(attempt=1)
        found = facts_of(person)

        with pytest.raises(Outdated):
            actions.save_switch(
                facts=found,
                details=details(found.person, mobile_e164=NEW_MOBILE),
                seen_version=found.account.version - 1,
                by=karin,
            )
        assert new_notices(person) == []


@pytest.fixture
def scheduled(karin):
    """Just switched on, with a welcome for tomorrow."""
    person = person_of(karin)
    save(person, karin, notify_by_sms=True)
    return MessageFactory(person=person, written_by=karin)


class TestUndoSwitchOn:
    def test_takes_back_the_switch_and_the_welcome(self, karin, scheduled):
        actions.undo_switch_on(facts=facts_of(scheduled.person), by=karin)

        found = facts_of(scheduled.person)
        assert (found.account.state, found.welcome) == (SwitchState.OFF, None)
        scheduled.refresh_from_db()
        assert scheduled.state == Message.State.STOPPED

    def test_changes_nothing_when_it_is_too_late(self, karin, scheduled):
        found = facts_of(scheduled.person)
        type(found.account).objects.update(sent_version=1)
        found.account.refresh_from_db()

        with pytest.raises(NotAllowed):
            actions.undo_switch_on(facts=found, by=karin)
        assert facts_of(scheduled.person).welcome == scheduled


class TestSwitchOff:
    def test_stops_a_welcome_that_has_not_gone_out(self, karin, scheduled):
        actions.switch_off(facts=facts_of(scheduled.person), by=karin)

        scheduled.refresh_from_db()
        assert scheduled.state == Message.State.STOPPED
        assert facts_of(scheduled.person).account.state == SwitchState.CLOSING

    def test_stops_one_that_was_written_since_the_facts_were_read(self, karin):
        found = facts_of(person_of(karin, account__pending=True))
        scheduled = MessageFactory(person=found.person)

        actions.switch_off(facts=found, by=karin)

        scheduled.refresh_from_db()
        assert scheduled.state == Message.State.STOPPED

    def test_leaves_a_welcome_that_can_be_read_alone(self, karin):
        person, _sms = welcomed(karin, state=NoticeState.DELIVERED)

        actions.switch_off(facts=facts_of(person), by=karin)

        assert facts_of(person).welcome.state == Message.State.READABLE

    def test_succeeds_also_when_the_welcome_went_out_meanwhile(self, karin):
        found = facts_of(MessageFactory(person=person_of(karin, account__active=True)).person)
        Message.objects.update(state=Message.State.READABLE, readable_at=MONDAY)

        actions.switch_off(facts=found, by=karin)

        assert facts_of(found.person).account.state == SwitchState.CLOSING

    def test_lets_no_notice_leave_that_still_waits(self, karin):
        person, waiting = welcomed(karin, state=NoticeState.QUEUED)

        actions.switch_off(facts=facts_of(person), by=karin)

        assert claim(now=MONDAY + timedelta(hours=1)) is None
        waiting.refresh_from_db()
        assert (waiting.state, waiting.last_code) == (NoticeState.CANCELLED, "closed")


class TestCloseCase:
    def close(self, case, by):
        found = facts.load(Case.objects.filter(pk=case.pk))[0]
        actions.close_case(
            facts=found, case=case, closed_on=MONDAY.date(), seen_version=case.version, by=by
        )

    @pytest.fixture
    def eva(self, office):
        return UserFactory(role=Role.UNIT_MANAGER, unit=office)

    @pytest.fixture
    def person(self, karin, office):
        return person_of(karin, account__active=True, case={"unit": office})

    def test_takes_with_it_what_the_last_case_gave(self, person, eva):
        relation = RelationFactory(principal=person, active=True)
        message = MessageFactory(person=person)
        represents = RelationFactory(representative=person, active=True)

        self.close(person.cases.get(), eva)

        for row in (person.account, relation, message, represents):
            row.refresh_from_db()
        assert person.account.state == relation.state == SwitchState.CLOSING
        assert message.state == Message.State.STOPPED
        assert represents.state == SwitchState.ACTIVE
        assert person.cases.get().closed_on == MONDAY.date()
        assert set(person.events.values_list("kind", flat=True)) == {
            "switched_off", "welcome_stopped", "relation_closed", "case_closed",
        }  # fmt: skip

    def test_touches_nothing_while_another_unit_has_a_case(self, person, eva):
        CaseFactory(person=person)
        relation = RelationFactory(principal=person, active=True)
        message = MessageFactory(person=person)

        self.close(person.cases.first(), eva)

        for row in (person.account, relation, message):
            row.refresh_from_db()
        assert person.account.state == relation.state == SwitchState.ACTIVE
        assert message.state == Message.State.SCHEDULED
        assert person.events.get().kind == "case_closed"

    def test_of_one_who_is_not_switched_on_closes_the_case_alone(self, karin, office, eva):
        person = person_of(karin, case={"unit": office})

        self.close(person.cases.get(), eva)

        assert person.events.get().kind == "case_closed"

    def test_that_is_refused_closes_nothing(self, person, karin):
        with pytest.raises(PermissionDenied):
            self.close(person.cases.get(), karin)

        person.account.refresh_from_db()
        assert person.account.state == SwitchState.ACTIVE


@pytest.mark.django_db
class TestRegister:
    def test_by_the_manager_is_answered_at_once_and_once(self):
        office = UnitFactory()
        eva = UserFactory(role=Role.UNIT_MANAGER, unit=office)
        asked = Registration(
            identity_number="199107172380",
            given_name="Amina",
            family_name="Exempel",
            protection="none",
            number="IFO-9",
            unit=office,
        )

        case = actions.register(registration=asked, by=eva).case
        again = actions.register(registration=asked, by=eva)

        assert (case.number, case.person.identity_number) == ("IFO-9", "199107172380")
        assert again.case == case
        assert list(PersonEvent.objects.order_by("pk").values_list("kind", flat=True)) == [
            "person_registered", "case_registered",
        ]  # fmt: skip

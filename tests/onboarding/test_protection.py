"""A marking that arrives: everything else follows from it, in one transaction."""

import ast
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied

from messaging.inbox.models import Message
from messaging.notices.delivery import deliver_due
from messaging.notices.models import Notice
from messaging.notices.sms import locmem
from messaging.notices.states import NoticeState
from onboarding import protection
from persons.models import MarkingSource, NotAllowed, Person, PersonEvent, Protection
from persons.states import SwitchState
from relations.models import Relation
from staff.models import Role
from tests.factories import (
    DecisionRequestFactory,
    MessageFactory,
    NoticeFactory,
    PersonFactory,
    ProtectionDecisionFactory,
    RelationFactory,
    UserFactory,
    protect,
)
from tests.onboarding.conftest import MONDAY, person_of
from web import clock

ROOT = Path(__file__).resolve().parent.parent.parent
MARKING = Protection.CONFIDENTIALITY_MARKING


@pytest.fixture
def eva(office):
    return UserFactory(role=Role.UNIT_MANAGER, unit=office, first_name="Eva")


@pytest.fixture
def amina(office, karin):
    return person_of(karin, given_name="Amina", account__active=True, case={"unit": office})


def mark(person, kind=MARKING, *, source=MarkingSource.IMPORT, by=None):
    return protection.mark(
        person=person, protection=kind, source=source, reason="Står i registret", by=by
    )


def last_event(person):
    return PersonEvent.objects.filter(person=person).latest("pk")


class TestMark:
    def test_protects_and_shuts_the_e_service_at_once(self, amina):
        assert mark(amina)

        account = Person.objects.get(pk=amina.pk).account
        assert amina.protection == MARKING
        assert (account.messages_enabled, account.state) == (False, SwitchState.CLOSING)
        assert not account.is_usable

    def test_stops_the_notices_that_wait(self, amina):
        waiting = NoticeFactory(person=amina)
        others = NoticeFactory(person__account__active=True)

        mark(amina)

        waiting.refresh_from_db()
        others.refresh_from_db()
        assert (waiting.state, waiting.last_code) == (NoticeState.CANCELLED, "protected")
        assert waiting.settled_at == MONDAY
        assert others.state == NoticeState.QUEUED

    def test_leaves_what_has_been_sent_as_history(self, amina):
        sent = NoticeFactory(person=amina, delivered=True)

        mark(amina)

        sent.refresh_from_db()
        assert sent.state == NoticeState.DELIVERED

    def test_stops_a_welcome_that_has_not_gone_out(self, amina):
        message = MessageFactory(person=amina)

        mark(amina)

        message.refresh_from_db()
        assert message.state == Message.State.STOPPED

    def test_shuts_relations_on_both_sides(self, amina):
        of_amina = RelationFactory(principal=amina, active=True)
        for_bo = RelationFactory(representative=amina, active=True)
        pending = RelationFactory(representative=amina, pending=True)
        others = RelationFactory(active=True)

        mark(amina)

        states = Relation.objects.in_bulk()
        assert states[of_amina.pk].state == states[for_bo.pk].state == SwitchState.CLOSING
        assert states[pending.pk].state == SwitchState.OFF
        assert states[others.pk].state == SwitchState.ACTIVE

    def test_tells_the_principal_of_a_representative_neither_why_nor_who(self, amina, karin):
        relation = RelationFactory(representative=amina, active=True)

        mark(amina, source=MarkingSource.HAND, by=karin)

        event = last_event(relation.principal)
        assert (event.kind, event.by) == ("relation_closed", None)
        assert event.changes == {"relation": [str(relation.public_id), None]}

    def test_takes_the_person_from_everybody_until_somebody_is_named(self, amina, karin, eva):
        mark(amina, source=MarkingSource.HAND, by=karin)

        assert not Person.objects.visible_to(karin).exists()
        assert not Person.objects.visible_to(eva).exists()

    def test_is_in_the_history_with_source_and_reason(self, amina, karin):
        mark(amina, source=MarkingSource.HAND, by=karin)

        event = PersonEvent.objects.get(person=amina, kind="protection_marked")
        assert event.by == karin
        assert event.changes == {
            "protection": ["none", "confidentiality_marking"],
            "source": [None, "hand"],
            "reason": [None, "Står i registret"],
        }

    def test_comes_whole_or_not_at_all(self, amina, monkeypatch):
        NoticeFactory(person=amina)
        monkeypatch.setattr(protection.relations, "shut_all_of", _fail)

        with pytest.raises(RuntimeError):
            mark(amina)

        assert not Person.objects.protected().exists()
        assert Notice.objects.get().state == NoticeState.QUEUED
        assert Person.objects.get(pk=amina.pk).account.messages_enabled

    def test_is_no_news_twice(self, amina):
        mark(amina)

        assert not mark(amina)
        assert PersonEvent.objects.filter(kind="protection_marked").count() == 1

    def test_never_lifts_what_is_there(self, amina):
        mark(amina)

        assert not mark(amina, Protection.NONE)
        assert Person.objects.get(pk=amina.pk).protection == MARKING

    def test_of_a_failed_look_up_protects_but_hides_no_known_kind(self, amina, karin):
        bo = person_of(karin)
        mark(amina)

        assert not mark(amina, Protection.UNKNOWN)
        assert mark(bo, Protection.UNKNOWN)
        assert bo.is_protected

    def test_of_another_kind_ends_an_earlier_yes(self, amina):
        mark(amina)
        ProtectionDecisionFactory(person=amina)

        mark(amina, Protection.PROTECTED_REGISTRATION)

        assert Person.objects.get(pk=amina.pk).standing_decision is None

    def test_makes_a_switch_on_that_is_under_way_too_late(self, karin):
        amina = person_of(karin)
        seen = amina.account.version

        mark(amina)

        assert Person.objects.get(pk=amina.pk).account.version > seen

    def test_holds_for_a_representative_without_an_account(self, office):
        known = PersonFactory(account=None)
        relation = RelationFactory(representative=known, active=True)

        assert mark(known)
        relation.refresh_from_db()
        assert relation.state == SwitchState.CLOSING

    def test_by_hand_takes_somebody_who_sees_the_person(self, amina, office):
        erik = UserFactory(role=Role.SUPPORT_CONTACT, unit=office)

        for stranger in (erik, None):
            with pytest.raises(PermissionDenied):
                mark(amina, source=MarkingSource.HAND, by=stranger)
        assert not Person.objects.protected().exists()

    @pytest.mark.parametrize("kind", ["confidentiality_marking", "unknown", "something new"])
    def test_lets_no_notice_leave_whatever_is_queued_later(self, amina, kind):
        protect(amina, kind)
        ProtectionDecisionFactory(person=amina)
        notice = NoticeFactory(person=amina)

        deliver_due(now=clock.now())

        notice.refresh_from_db()
        assert (notice.state, notice.last_code) == (NoticeState.CANCELLED, "protected")
        assert not locmem.outbox


def _fail(**kwargs):
    raise RuntimeError


class TestLift:
    @pytest.fixture
    def hidden(self, amina):
        protect(amina, MARKING)
        return amina

    def test_is_done_by_the_unit_manager_with_a_reason(self, hidden, eva):
        protection.lift(person=hidden, reason="Markeringen är borttagen", by=eva)

        assert Person.objects.get(pk=hidden.pk).protection == Protection.NONE
        event = last_event(hidden)
        assert (event.kind, event.by) == ("protection_lifted", eva)
        assert event.changes["reason"] == [None, "Markeringen är borttagen"]

    def test_is_done_by_nobody_else(self, hidden, karin):
        elsewhere = UserFactory(role=Role.UNIT_MANAGER)

        for user in (karin, elsewhere):
            with pytest.raises(PermissionDenied):
                protection.lift(person=hidden, reason="Nej", by=user)
        assert Person.objects.protected().exists()

    def test_leaves_nobody_named_should_the_marking_come_back(self, hidden, eva, karin):
        protection.lift(person=hidden, reason="Borttagen", by=eva)
        mark(hidden)

        assert not Person.objects.visible_to(karin).exists()

    def test_leaves_no_decision_and_no_question(self, hidden, eva, karin):
        ProtectionDecisionFactory(person=hidden)
        DecisionRequestFactory(person=hidden, asked_by=karin)

        protection.lift(person=hidden, reason="Borttagen", by=eva)
        mark(hidden)

        person = Person.objects.get(pk=hidden.pk)
        assert (person.standing_decision, person.waiting_request) == (None, None)

    def test_switches_nothing_on_again(self, hidden, eva):
        protection.lift(person=hidden, reason="Borttagen", by=eva)

        assert not Notice.objects.exclude(state=NoticeState.CANCELLED).exists()

    def test_is_not_done_twice(self, amina, eva):
        with pytest.raises(NotAllowed):
            protection.lift(person=amina, reason="Borttagen", by=eva)


class TestNobodyElse:
    def test_writes_the_marking_of_a_person_who_is_there(self):
        """`lint-imports` lets only onboarding/protection.py reach persons/actions/marking.py."""
        writers = {
            path.relative_to(ROOT).as_posix()
            for floor in ("config", "onboarding", "messaging", "relations", "persons", "staff")
            for path in (ROOT / floor).rglob("*.py")
            if "migrations" not in path.parts and _writes_protection(path)
        }

        assert writers <= {"persons/actions/marking.py"}


def _writes_protection(path):
    """An update, or a save that names the column. Creating somebody protected is no change."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            given = {keyword.arg for keyword in node.keywords}
            if node.func.attr in {"update", "update_or_create"} and "protection" in given:
                return True
        if isinstance(node, ast.keyword) and node.arg == "update_fields":
            given = {leaf.value for leaf in ast.walk(node.value) if isinstance(leaf, ast.Constant)}
            if "protection" in given:
                return True
    return False

from itertools import product

import pytest
from django.db import IntegrityError, transaction

from persons.models import EServiceAccount, NotAllowed
from persons.states import BY_A_CHANGE, BY_THE_NIGHT, OPEN, TRANSITIONS, SwitchState
from relations.models import Relation
from tests.factories import AccountFactory, RelationFactory
from web import clock

pytestmark = pytest.mark.django_db


def in_state(state, factory=AccountFactory, **facts):
    return factory(**({} if state == SwitchState.OFF else {str(state): True}), **facts)


class TestMove:
    @pytest.mark.parametrize("factory", [AccountFactory, RelationFactory])
    @pytest.mark.parametrize(("old", "new"), list(product(SwitchState, repeat=2)))
    def test_follows_the_table(self, factory, old, new):
        switch = in_state(old, factory)
        version = switch.version

        if new in TRANSITIONS[old] or new == old:
            switch.move(new, usable_from=clock.today())
        else:
            with pytest.raises(NotAllowed):
                switch.move(new, usable_from=clock.today())

        switch.refresh_from_db()
        moved = new in TRANSITIONS[old] or new == old
        assert (switch.state, switch.version) == ((new, version + 1) if moved else (old, version))

    def test_changes_facts_together_with_the_state(self):
        account = in_state(SwitchState.OFF)

        account.move(SwitchState.PENDING, messages_enabled=True, notify_by_email=True)

        stored = EServiceAccount.objects.get()
        assert (stored.state, stored.messages_enabled, stored.notify_by_email) == (
            SwitchState.PENDING, True, True,
        )  # fmt: skip

    @pytest.mark.parametrize("second", [SwitchState.ACTIVE, SwitchState.PENDING, SwitchState.OFF])
    def test_lets_one_of_two_at_the_same_time_win(self, second):
        first = in_state(SwitchState.PENDING)
        slower = EServiceAccount.objects.get()
        first.move(SwitchState.CLOSING)

        with pytest.raises(NotAllowed, match="changed by someone else"):
            slower.move(second, usable_from=clock.today())

        stored = EServiceAccount.objects.get()
        assert (stored.state, stored.version) == (SwitchState.CLOSING, first.version)

    def test_is_refused_when_a_run_has_taken_the_row_meanwhile(self):
        account = in_state(SwitchState.PENDING)
        EServiceAccount.objects.update(sent_version=1)

        with pytest.raises(NotAllowed):
            account.move(SwitchState.OFF)


class TestStates:
    def test_every_move_of_the_night_is_in_the_table(self):
        assert all(new in TRANSITIONS[old] for old, new in BY_THE_NIGHT.items())

    def test_every_move_of_a_changed_fact_is_in_the_table(self):
        assert all(new in TRANSITIONS[old] for old, new in BY_A_CHANGE.items())

    def test_only_the_night_makes_a_row_active(self):
        leading = {old for old, news in TRANSITIONS.items() if SwitchState.ACTIVE in news}

        assert leading == {old for old, new in BY_THE_NIGHT.items() if new == SwitchState.ACTIVE}

    def test_every_state_can_be_left(self):
        assert set(TRANSITIONS) == set(SwitchState)
        assert all(TRANSITIONS.values())

    @pytest.mark.parametrize("state", SwitchState)
    def test_the_door_is_open_while_active_or_changing(self, state):
        assert in_state(state).is_usable == (state in {"active", "pending_change"})

    @pytest.mark.parametrize("state", sorted(OPEN))
    def test_the_door_opens_on_the_date(self, state):
        account = in_state(state)
        today = clock.today()

        assert account.is_usable_on(today)
        assert not account.is_usable_on(today.replace(year=today.year - 1))


class TestDirty:
    @pytest.mark.parametrize(
        ("state", "dirty"),
        [("off", False), ("pending", True), ("failed", True), ("active", False),
         ("closing", True), ("pending_change", True)],
    )  # fmt: skip
    def test_is_what_the_other_side_has_not_been_told(self, state, dirty):
        in_state(state)
        in_state(state, RelationFactory)

        assert EServiceAccount.objects.filter(version__gt=0).dirty().exists() == dirty
        assert Relation.objects.dirty().exists() == dirty

    def test_is_not_what_was_undone_before_anyone_was_told(self):
        account = in_state(SwitchState.PENDING)
        account.move(SwitchState.OFF)

        assert not EServiceAccount.objects.dirty().exists()


class TestFactsChanged:
    @pytest.mark.parametrize("state", SwitchState)
    def test_does_to_many_what_move_does_to_one(self, state):
        one, many = in_state(state), in_state(state)

        one.move(BY_A_CHANGE.get(state, state))
        EServiceAccount.objects.filter(pk=many.pk).facts_changed()

        many.refresh_from_db()
        assert (many.state, many.version) == (one.state, one.version)


class TestCanBeUndone:
    @pytest.mark.parametrize("state", SwitchState)
    def test_only_while_pending(self, state):
        assert in_state(state).can_be_undone == (state == SwitchState.PENDING)

    def test_not_once_a_run_has_taken_the_row(self):
        assert not AccountFactory(pending=True, sent_version=1).can_be_undone


class TestConstraints:
    @pytest.mark.parametrize(
        "facts",
        [
            {"sent_version": 2},
            {"synced_version": 1},
            {"state": "active"},
            {"state": "pending_change"},
            {"sms_read_by_others": True},
            {"notify_by_email": True, "email_read_by_others": True},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("factory", [AccountFactory, RelationFactory])
    def test_refuse_what_must_never_be(self, factory, facts):
        switch = factory(pending=True)

        with pytest.raises(IntegrityError), transaction.atomic():
            type(switch).objects.update(**facts)

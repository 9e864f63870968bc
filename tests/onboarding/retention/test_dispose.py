"""Gallring, from the prompt to the rows of the database."""

from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from onboarding.retention import actions, rules
from onboarding.retention.models import Disposal, Policy
from persons import sealing
from persons.models import AccessLogEntry, EServiceAccount, Person, PersonEvent
from persons.verification import verify
from relations.models import Relation
from staff.models import Role, User
from tests.access.world import World
from tests.factories import CaseFactory, PersonFactory, RelationFactory, UserFactory
from tests.persons.test_triggers import HISTORY, triggers
from web import clock

LONG_AGO = date(2020, 3, 2)
OWNERS = ("closed", "closed's relative")


@pytest.fixture
def five_years(settings) -> None:
    settings.RETENTION_POLICY = Policy.FIVE_YEARS


@pytest.fixture
def administrator() -> User:
    return UserFactory(email="astrid@soderkoping.example", role=Role.SYSTEM_ADMIN)


def dispose(*arguments: str) -> str:
    told = StringIO()
    call_command("dispose", *arguments, stdout=told)
    return told.getvalue()


def apply() -> str:
    return dispose("--apply", "--by", "astrid@soderkoping.example")


def forgotten(number: str = "191212121212", **facts) -> Person:
    """The last case was closed long ago, and nothing hinders."""
    person = PersonFactory(identity_number=number, **facts)
    CaseFactory(person=person, closed_on=LONG_AGO)
    return person


def tables() -> Iterator[tuple[str, str]]:
    """Each table of the database, whole."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                yield table, " ".join(map(str, row))


@pytest.mark.django_db
class TestAWholePerson:
    def make(self) -> World:
        """With a row of every model and a canary in every text, long since closed."""
        world = World()
        person = world.persons["closed"]
        relation = Relation.objects.get(principal=person)
        off = {"state": "off", "messages_enabled": False}
        EServiceAccount.objects.filter(person=person).update(**off)
        Relation.objects.filter(pk=relation.pk).update(**off)
        person.cases.update(closed_on=LONG_AGO)
        # Born on a day that is not kept.
        Person.objects.filter(pk=person.pk).update(identity_number="191212121212")
        world.texts.keep("closed", "Person.identity_number", "191212121212")
        Person.objects.filter(pk=relation.representative_id).update(
            created_at=clock.now() - timedelta(days=3000)
        )
        return world

    def left_of(self, world: World) -> set[tuple[str, str]]:
        return {
            (table, canary.place)
            for table, row in tables()
            for canary in world.texts.found_in(row)
            if canary.owner in OWNERS
        }

    def test_is_in_no_table_afterwards_but_for_the_reasons_in_the_sealed_log(
        self, five_years, administrator
    ):
        world = self.make()
        person = world.persons["closed"]
        others = set(Person.objects.exclude(pk=person.pk).values_list("pk", flat=True))
        sealing.seal(now=clock.now())
        before = verify(now=clock.now()).problems  # the world's own rows are not indexed
        assert {table for table, _ in self.left_of(world)} >= {"persons_case", "inbox_message"}

        told = apply()

        log = {
            model._meta.db_table
            for model in apps.get_models()
            if rules.tables()[model._meta.label]["disposal"] == rules.NUMBER_IS_LEFT
        }
        assert {table for table, _ in self.left_of(world)} <= log
        assert "Gallrat: 2 personer" in told
        assert Person.objects.count() == len(others) - 1  # and the relative
        assert AccessLogEntry.objects.filter(person=person.pk).exists()
        sealing.seal(now=clock.now())
        assert verify(now=clock.now()).problems == before
        assert triggers() >= {model._meta.db_table for model in HISTORY}


@pytest.mark.django_db
class TestApply:
    def test_writes_down_who_when_by_what_rule_and_how_many(self, five_years, administrator):
        person = forgotten()
        key = person.pk

        apply()

        disposal = Disposal.objects.get()
        assert (disposal.by, disposal.policy, disposal.persons) == (
            administrator, Policy.FIVE_YEARS, 1,
        )  # fmt: skip
        assert disposal.rows["persons.Case"] == 1
        entry = AccessLogEntry.objects.get(action="dispose")
        assert (entry.user, entry.listed) == (administrator, [key])

    def test_does_nothing_the_second_time(self, five_years, administrator):
        forgotten()

        apply()
        told = apply()

        assert "Gallrat: 0 personer" in told
        assert Disposal.objects.count() == 1

    def test_goes_on_after_being_killed_between_two_batches(
        self, five_years, administrator, monkeypatch, killed_after_one
    ):
        monkeypatch.setattr(actions, "BATCH", 1)
        for number in ("191212121212", "199801022394", "199801032385"):
            forgotten(number)
        killed_after_one(apply, actions, "_dispose")
        assert Person.objects.count() == 2

        apply()

        assert Person.objects.count() == 0
        assert sum(row.persons for row in Disposal.objects.all()) == 3

    def test_takes_all_of_a_batch_or_nothing(self, five_years, administrator, monkeypatch):
        person = forgotten()
        PersonEvent.objects.create(person=person, kind="a")

        def fails(*args, **kwargs):
            raise RuntimeError

        monkeypatch.setattr(Disposal.objects, "create", fails)
        with pytest.raises(RuntimeError), transaction.atomic():
            apply()

        assert PersonEvent.objects.filter(person=person).exists()
        assert triggers() >= {model._meta.db_table for model in HISTORY}
        with pytest.raises(DatabaseError, match="is insert-only"), connection.cursor() as cursor:
            cursor.execute("DELETE FROM persons_personevent")

    def test_leaves_alone_who_got_a_case_while_it_was_reading(self, five_years, administrator):
        person = forgotten()
        run = {"run": "6b5f1c9e-6e0c-4d5b-9d7e-2f8f6f0f3a11", "by": administrator}
        batch = [person.pk]
        CaseFactory(person=person)

        from onboarding.retention import policy

        gone = actions._dispose(batch, lambda: policy.ready(date(2021, 11, 24)), **run)

        assert not gone
        assert Person.objects.count() == 1

    def test_lets_one_who_represented_another_go_after_them(self, five_years, administrator):
        mother, son = forgotten(), forgotten("199801022394")
        RelationFactory(principal=mother, representative=son)

        apply()

        assert Person.objects.count() == 0


@pytest.mark.django_db
class TestWhoMay:
    def test_is_named_by_who_runs_it(self, five_years):
        with pytest.raises(CommandError, match="--by"):
            dispose("--apply")

    def test_is_an_administrator(self, five_years):
        UserFactory(email="astrid@soderkoping.example", role=Role.UNIT_MANAGER)
        forgotten()

        with pytest.raises(CommandError, match="systemförvaltare"):
            apply()
        assert Person.objects.count() == 1


@pytest.mark.django_db
class TestDryRun:
    def test_is_what_happens_when_nothing_else_is_said(self, five_years):
        forgotten()

        told = dispose()

        assert "Ska gallras: 1 personer." in told
        assert "persons.Case: 1" in told
        assert Person.objects.count() == 1

    def test_says_how_many_are_hindered_and_why_by_number_alone(self, five_years):
        kept, unclear = forgotten("199801052395"), forgotten("199801002394")
        hindered = forgotten(given_name="Amina")
        CaseFactory(person=hindered)

        told = dispose()

        assert "Ska gallras: 0 personer." in told
        assert f"Gallras inte nu, har ett öppet ärende: 1 (personer nr {hindered.pk})." in told
        assert "Bevaras, födda den 5, 15 eller 25: 1." in told
        assert f"någon måste avgöra det: 1 (personer nr {unclear.pk})." in told
        assert kept.identity_number not in told
        assert "Amina" not in told


@pytest.mark.django_db
class TestKeepAll:
    @pytest.mark.parametrize("run", [dispose, apply], ids=["dry run", "apply"])
    def test_disposes_of_nobody_and_says_why(self, administrator, run):
        forgotten()

        told = run()

        assert "Ingenting gallras" in told
        assert "län där inget i personakten får gallras" in told
        assert Person.objects.count() == 1
        assert not Disposal.objects.exists()

"""The access log's own time: its beginning goes, and what is left still proves itself."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from onboarding.retention import looks
from persons import anchors, log_review, sealing, triggers
from persons.anchors import Anchor
from persons.models import (
    AccessLogEntry,
    AccessLogListed,
    AccessLogSeal,
    LogReview,
    LogSample,
)
from persons.verification import verify
from staff.models import Role, User
from tests.factories import PersonFactory, UserFactory
from tests.persons import tampering, test_triggers
from tests.persons.tampering import Dice
from tests.persons.test_sealing import look

pytestmark = pytest.mark.django_db

TODAY = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LIMIT = date(2021, 11, 24)
OLD, YOUNG = datetime(2021, 11, 20, 8, 0, tzinfo=UTC), datetime(2021, 11, 26, 8, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def five_years(settings, time_machine) -> None:
    settings.ACCESS_LOG_YEARS = 5
    time_machine.move_to(TODAY, tick=False)


@pytest.fixture
def administrator() -> User:
    return UserFactory(email="astrid@soderkoping.example", role=Role.SYSTEM_ADMIN)


@pytest.fixture
def log(administrator) -> None:
    """Three days out of time with ten rows each, and three that are not; every third is a list."""
    karin, persons = UserFactory(), PersonFactory.create_batch(3)
    ids = [person.pk for person in persons]
    for day in [start + timedelta(days=n) for start in (OLD, YOUNG) for n in range(3)]:
        for n in range(10):
            about = {"listed": ids, "action": "list"} if n % 3 == 0 else {}
            look(karin, None if about else persons[n % 3], at=day, **about)
        sealing.seal(now=day)


def dispose(*arguments: str) -> str:
    told = StringIO()
    call_command("dispose", *arguments, stdout=told)
    return told.getvalue()


def apply() -> str:
    return dispose("--apply", "--by", "astrid@soderkoping.example")


def anchor() -> Anchor:
    return Anchor.read(anchors.entries().last().reason)


def problems(**options) -> list[str]:
    return verify(now=TODAY, **options).problems


def review(entry: int, *, at: datetime) -> LogReview:
    return LogReview.objects.create(
        entry_id=entry, reviewer=UserFactory(), decision="justified", at=at
    )


@pytest.mark.usefixtures("log")
class TestApply:
    def test_takes_away_what_was_sealed_before_the_day(self):
        told = apply()

        assert "Gallrat ur åtkomstloggen: 30 rader." in told
        assert not AccessLogEntry.objects.filter(at__lt=YOUNG).exists()
        assert not AccessLogListed.objects.filter(at__lt=YOUNG).exists()
        assert AccessLogEntry.objects.filter(at__gte=YOUNG, at__lt=TODAY).count() == 30
        assert AccessLogSeal.objects.earliest("number").number == 4

    def test_leaves_a_log_that_proves_itself(self):
        old = list(AccessLogSeal.objects.order_by("number"))

        apply()

        report = verify(heads=[old[2].digest, old[-1].digest], now=TODAY)
        assert report.problems == []
        assert report.unsealed == 0
        assert "30 rows, sealed 2021-11-20 to 2021-11-22, have been disposed of" in report.disposed

    def test_says_in_the_log_itself_what_is_gone_and_who_did_it(self, administrator):
        third = AccessLogSeal.objects.get(number=3)

        apply()

        entry = anchors.entries().get()
        assert (entry.user, entry.at, entry.person) == (administrator, TODAY, None)
        assert Anchor.read(entry.reason) == Anchor(
            3, third.last, 30, date(2021, 11, 20), date(2021, 11, 22), third.digest
        )

    def test_is_no_look_at_a_person_for_the_reviewer(self):
        apply()

        assert anchors.entries().exists()
        assert not log_review.looks_in(date(2026, 11, 1)).exists()

    def test_does_nothing_the_second_time(self):
        apply()

        assert "Gallrat ur åtkomstloggen: 0 rader." in apply()
        assert anchors.entries().count() == 1

    def test_goes_on_where_it_was_as_years_go_by(self, time_machine):
        apply()
        time_machine.move_to(TODAY + timedelta(days=3), tick=False)

        apply()

        assert anchor().count == 40
        assert anchor().since == date(2021, 11, 20)
        assert problems() == []

    def test_keeps_the_last_seal_to_go_on_from(self, time_machine):
        time_machine.move_to(TODAY + timedelta(days=3000), tick=False)

        apply()

        assert anchor().count == 50
        assert verify(now=TODAY + timedelta(days=3000)).problems == []

    def test_keeps_a_look_whose_review_is_younger(self):
        second = AccessLogSeal.objects.get(number=2)
        review(second.first + 1, at=YOUNG)

        apply()

        assert AccessLogSeal.objects.earliest("number").number == 2
        assert LogReview.objects.count() == 1

    def test_takes_a_review_and_a_sample_with_the_look(self):
        first = AccessLogEntry.objects.earliest("pk")
        review(first.pk, at=OLD)
        LogSample.objects.create(month=OLD, place=0, entry=first)

        apply()

        assert not LogReview.objects.exists()
        assert not LogSample.objects.exists()

    def test_brings_the_triggers_back(self):
        apply()

        history = {model._meta.db_table for model in test_triggers.HISTORY}
        assert test_triggers.triggers() >= history
        with pytest.raises(DatabaseError, match="is insert-only"), connection.cursor() as cursor:
            cursor.execute("DELETE FROM persons_accesslogentry")

    def test_goes_on_after_being_killed_between_two_batches(self, monkeypatch, killed_after_one):
        monkeypatch.setattr(looks, "MOST_ROWS", 1)
        killed_after_one(apply, looks, "_take")
        assert problems() == []
        assert anchor().count == 10

        assert "Gallrat ur åtkomstloggen: 20 rader." in apply()

        assert problems() == []
        assert [Anchor.read(entry.reason).count for entry in anchors.entries()] == [10, 20, 30]

    def test_goes_on_after_somebody_who_began_meanwhile(self, administrator):
        start = looks._latest()
        apply()

        assert looks._take(start, 3, by=administrator) == anchor()
        assert anchors.entries().count() == 1


def change_a_row() -> None:
    row = AccessLogSeal.objects.get(number=3).last
    tampering.rows_of(AccessLogEntry).filter(pk=row).update(reason="Inget")


def take_out_a_row() -> None:
    row = AccessLogSeal.objects.get(number=3).last
    tampering.delete(tampering.rows_of(AccessLogListed).filter(entry=row))
    tampering.delete(tampering.rows_of(AccessLogEntry).filter(pk=row))


def change_a_seal() -> None:
    tampering.rows_of(AccessLogSeal).filter(pk=2).update(sealed_at=OLD)


@pytest.mark.usefixtures("log")
class TestWhatIsNotDisposedOf:
    def test_is_anything_when_nothing_is_said(self, settings):
        settings.ACCESS_LOG_YEARS = 0

        assert "Åtkomstloggen gallras inte" in apply()
        assert AccessLogEntry.objects.count() == 60

    def test_is_anything_in_a_dry_run(self):
        told = dispose()

        assert f"Åtkomstloggen: 30 rader förseglade före {LIMIT} ska gallras." in told
        assert AccessLogEntry.objects.count() == 60

    def test_is_anything_by_who_is_no_administrator(self):
        with pytest.raises(CommandError, match="systemförvaltare"):
            dispose("--apply", "--by", UserFactory(role=Role.UNIT_MANAGER).email)

    @pytest.mark.parametrize("way", [change_a_row, take_out_a_row, change_a_seal])
    def test_is_what_shows_that_somebody_has_tampered(self, way):
        with transaction.atomic(), triggers.lifted(*looks._tables()):
            way()

        with pytest.raises(CommandError, match="Åtkomstloggen är inte hel"):
            apply()
        assert AccessLogSeal.objects.count() == 6

    def test_is_anything_where_the_beginning_is_gone_without_a_word(self):
        with transaction.atomic(), triggers.lifted(*looks._tables()):
            tampering.delete(tampering.rows_of(AccessLogSeal).filter(pk=1))

        with pytest.raises(CommandError, match="Åtkomstloggen är inte hel"):
            apply()


@pytest.mark.usefixtures("log")
class TestTampering:
    @pytest.fixture(autouse=True)
    def disposed(self, log, monkeypatch):
        """In two batches, so that there is an anchor before the last."""
        monkeypatch.setattr(looks, "MOST_ROWS", 20)
        apply()

    @pytest.mark.parametrize("field", ["user", "at", "role", "unit", "reason", "action", "view"])
    @pytest.mark.parametrize("which", ["first", "last"])
    def test_with_an_anchor_is_found(self, field, which):
        entry = getattr(anchors.entries(), which)()
        row = tampering.rows_of(AccessLogEntry).filter(pk=entry.pk)
        value = row.values_list(AccessLogEntry._meta.get_field(field).attname, flat=True).get()
        with tampering.as_superuser():
            value = tampering.another(Dice(1), AccessLogEntry._meta.get_field(field), value)
            row.update(**{AccessLogEntry._meta.get_field(field).attname: value})

            assert problems()

    @pytest.mark.parametrize(
        ("said", "instead"),
        [("30 rows", "29 rows"), ("2021-11-20", "2021-11-19"), ("Seals to 3", "Seals to 4")],
    )
    def test_with_what_it_says_is_found(self, said, instead):
        entry = anchors.entries().last()
        with tampering.as_superuser():
            tampering.rows_of(AccessLogEntry).filter(pk=entry.pk).update(
                reason=entry.reason.replace(said, instead)
            )

            assert problems()

    def test_by_taking_more_than_is_said_is_found(self):
        fourth = AccessLogSeal.objects.get(number=4)
        with tampering.as_superuser():
            tampering.delete(tampering.rows_of(AccessLogListed).filter(entry__lte=fourth.last))
            tampering.delete(tampering.rows_of(AccessLogEntry).filter(pk__lte=fourth.last))
            tampering.delete(tampering.rows_of(AccessLogSeal).filter(pk=4))

            assert "seals from 4 on are gone before it" in problems()[0]

    def test_by_taking_the_anchor_away_is_found(self):
        with tampering.as_superuser():
            tampering.delete(anchors_rows())

            assert "seals from 1 on are gone before it" in problems()[0]

    def test_by_leaving_a_row_that_is_said_to_be_gone_is_found(self):
        with tampering.as_superuser():
            look(UserFactory(), None, pk=1, at=OLD)

            assert "Rows 1 to 1 are outside every seal." in problems()

    @pytest.mark.parametrize("words", ["Städat", "{0} ", "{0}", "Seals to 9, rows to 9: 9 rows"])
    def test_with_an_anchor_that_nobody_has_made_is_found(self, administrator, words):
        """The product's own role may add to the log: what it adds must contradict itself."""
        look(
            administrator, None, action="dispose_log", at=TODAY,
            reason=words.format(anchors.entries().last().reason),
        )  # fmt: skip

        [said] = problems()

        assert "what it says of disposal cannot be so" in said

    def test_by_taking_rows_before_their_time_is_found(self, administrator):
        later = str(anchor()).replace("to 3", "to 4").replace("2021-11-22", "2026-11-22")
        look(administrator, None, action="dispose_log", at=TODAY, reason=later)

        assert any("taken away before their time" in said for said in problems())

    @pytest.mark.parametrize("way", tampering.SEEN, ids=lambda way: way.__name__)
    def test_with_what_is_left_is_found_as_before(self, way):
        with tampering.as_superuser():
            way(Dice(1))

            assert problems()


def anchors_rows():
    rows = tampering.rows_of(AccessLogEntry)
    return rows.filter(action=AccessLogEntry.Action.DISPOSE_LOG)


class TestAnEmptyLog:
    def test_has_nothing_to_dispose_of(self, administrator):
        assert "Gallrat ur åtkomstloggen: 0 rader." in apply()

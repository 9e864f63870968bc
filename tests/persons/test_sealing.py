from datetime import timedelta

import pytest
import structlog
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.utils import ConnectionHandler

from persons import sealing, tasks
from persons.models import AccessLogEntry, AccessLogListed, AccessLogSeal
from persons.verification import verify
from tests.factories import PersonFactory, UserFactory
from tests.persons import tampering
from tests.persons.tampering import START, Dice

pytestmark = pytest.mark.django_db

EVENING = START + timedelta(hours=10)
SECOND = "Seal 2 (2026-11-02 07:19 UTC), rows 21 to 40:"


def look(user, person, *, at=START, **facts) -> AccessLogEntry:
    facts = {"action": "view", "view": "person", "person": person} | facts
    entry = AccessLogEntry.objects.create(user=user, at=at, source_ip="10.0.0.7", **facts)
    AccessLogListed.objects.bulk_create(
        AccessLogListed(entry=entry, person_id=listed, at=at) for listed in entry.listed
    )
    return entry


@pytest.fixture
def log():
    """Six seals over sixty rows, every other number free, a third of them lists."""
    karin, persons = UserFactory(), PersonFactory.create_batch(4)
    ids = [person.pk for person in persons]
    for n in range(60):
        at = START + timedelta(minutes=n)
        about = {"listed": ids[n % 4 :], "action": "list"} if n % 3 == 0 else {}
        person = None if about else persons[n % 4]
        look(karin, person, at=at, pk=2 * n + 2, reason="" if n % 2 else "Ringde", **about)
        if n % 10 == 9:
            sealing.seal(now=at)


def tell() -> list[str]:
    return verify(now=EVENING).problems


class TestSeal:
    def test_covers_what_came_since_the_seal_before(self, log):
        seals = list(AccessLogSeal.objects.order_by("number"))

        assert [(seal.number, seal.count) for seal in seals] == [(n, 10) for n in range(1, 7)]
        assert [seal.first for seal in seals] == [1] + [seal.last + 1 for seal in seals[:-1]]
        assert len({seal.digest for seal in seals}) == 6

    def test_is_not_set_when_nobody_has_read_anything(self, log):
        sealing.seal(now=EVENING)

        assert AccessLogSeal.objects.count() == 6

    def test_divides_what_has_waited_long(self, monkeypatch):
        monkeypatch.setattr(sealing, "MOST", 2)
        karin, amina = UserFactory(), PersonFactory()
        for _ in range(5):
            look(karin, amina)

        tasks.seal_access_log()

        counts = AccessLogSeal.objects.order_by("number").values_list("count", flat=True)
        assert list(counts) == [2, 2, 1]

    def test_of_a_new_day_is_told_to_the_outside_world(self, log):
        with structlog.testing.capture_logs() as lines:
            sealing.seal(now=EVENING)
            sealing.seal(now=EVENING + timedelta(days=1))
            sealing.seal(now=EVENING + timedelta(days=1, minutes=1))

        head = AccessLogSeal.objects.latest("number")
        assert lines == [
            {
                "event": "access log sealed",
                "log_level": "info",
                "local_date": "2026-11-03",
                "digest": head.digest,
                "count": 60,
            }
        ]
        assert head.count == 0

    def test_is_the_same_whatever_column_comes_to_be_later(self):
        row = (1, START, 2, "", None, "", "view", False, None, [], "person", "", None)

        assert sealing.canonical(row) == (
            b'\n{"id":1,"at":"2026-11-02T07:00:00.000000+00:00","user_id":2,'
            b'"action":"view","view":"person"}'
        )

    def test_covers_every_column(self):
        columns = {field.attname for field in AccessLogEntry._meta.concrete_fields}

        assert set(sealing.FIELDS) == columns

    def test_leaves_it_to_the_other_beat_when_that_was_faster(self, log, monkeypatch):
        karin = AccessLogEntry.objects.first().user
        look(karin, PersonFactory(), pk=500)
        made = sealing._make

        def slowly(previous, **facts):
            seal = made(previous, **facts)
            AccessLogSeal(number=seal.number, first=0, last=0, count=0, digest="0" * 64).save()
            return seal

        monkeypatch.setattr(sealing, "_make", slowly)
        sealing.seal(now=EVENING)

        assert AccessLogSeal.objects.get(number=7).first == 0


@pytest.mark.django_db(transaction=True)
class TestARowThatIsCommittedLate:
    @pytest.fixture
    def other(self):
        """Another process."""
        settings = connection.settings_dict | {"NAME": connection.settings_dict["NAME"]}
        other = ConnectionHandler({"default": settings})["default"]
        yield other
        other.close()

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
    def test_is_waited_for(self, other, monkeypatch):
        monkeypatch.setattr(sealing, "PATIENCE", "50ms")
        karin = UserFactory()
        columns = "user_id, at, role, basis, action, refused, listed, view, reason"
        values = f"{karin.pk}, now(), '', '', 'view', false, '[]', 'person', ''"
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(f"INSERT INTO persons_accesslogentry ({columns}) VALUES ({values})")
        look(karin, None)

        sealing.seal(now=EVENING)
        assert not AccessLogSeal.objects.exists()

        other.commit()
        sealing.seal(now=EVENING)
        assert AccessLogSeal.objects.get().count == 2


class TestVerify:
    def test_finds_nothing_where_nothing_has_been_done(self, log):
        heads = AccessLogSeal.objects.values_list("digest", flat=True)

        report = verify(heads=heads, now=EVENING)

        assert report.problems == []
        assert (report.seals, report.sealed, report.unsealed) == (6, 60, 0)
        assert report.head == AccessLogSeal.objects.latest("number").digest

    def test_lets_what_has_just_been_written_wait_for_its_seal(self, log):
        look(UserFactory(), None, at=EVENING, pk=500)

        report = verify(now=EVENING)

        assert (report.problems, report.unsealed) == ([], 1)

    def test_reads_in_pieces(self, log, monkeypatch, django_assert_num_queries):
        monkeypatch.setattr("persons.verification.AT_A_TIME", 25)

        with django_assert_num_queries(1 + 1 + 3 * 2 + 1):
            assert verify(now=EVENING).sealed == 60

    def test_says_where_a_row_was_changed(self, log):
        with tampering.as_superuser():
            tampering.rows_of(AccessLogEntry).filter(pk=24).update(reason="Inget")
            said = tell()

        assert said == [f"{SECOND} a row, this seal or the one before has been changed."]

    def test_says_how_many_rows_are_gone(self, log):
        with tampering.as_superuser():
            tampering.delete(tampering.rows_of(AccessLogEntry).filter(pk__in=[28, 34]))
            said = tell()

        assert said == ["Seal 2 (2026-11-02 07:19 UTC), rows 21 to 40: 10 were sealed, 8 are left."]

    def test_says_that_a_row_has_been_put_in(self, log):
        with tampering.as_superuser():
            look(UserFactory(), None, pk=23)
            said = tell()

        assert said == [
            "Seal 2 (2026-11-02 07:19 UTC), rows 21 to 40: 10 were sealed, others have been put in."
        ]

    def test_says_which_seals_are_gone(self, log):
        with tampering.as_superuser():
            tampering.rows_of(AccessLogSeal).filter(pk=2).delete()
            said = tell()

        assert said[:2] == [
            "Seal 3 (2026-11-02 07:29 UTC): seals from 2 on are gone before it.",
            "Rows 22 to 40 are outside every seal.",
        ]

    def test_says_when_rows_have_lost_the_last_seal(self, log):
        with tampering.as_superuser():
            tampering.rows_of(AccessLogSeal).filter(pk=6).delete()
            said = tell()

        [text] = said
        assert text.startswith("Row 102 was written 2026-11-02 07:50 UTC and has no seal:")

    def test_says_when_somebody_was_taken_out_of_the_index(self, log):
        with tampering.as_superuser():
            tampering.rows_of(AccessLogListed).filter(entry=2).delete()
            said = tell()

        assert said == ["Row 2: the index of who was listed says something else."]

    def test_does_not_list_more_than_anybody_reads(self, log, monkeypatch):
        monkeypatch.setattr("persons.verification.MOST_PROBLEMS", 3)
        with tampering.as_superuser():
            tampering.rows_of(AccessLogListed).delete()

            assert len(tell()) == 3


class TestTampering:
    @pytest.mark.parametrize("way", tampering.SEEN, ids=lambda way: way.__name__)
    def test_is_found(self, log, way):
        with tampering.as_superuser():
            way(Dice(1))

            assert tell()

    @pytest.mark.parametrize("way", tampering.SEEN_FROM_OUTSIDE, ids=lambda way: way.__name__)
    def test_that_leaves_a_whole_chain_is_found_by_what_left_the_machine(self, log, way):
        head = AccessLogSeal.objects.latest("number").digest
        with tampering.as_superuser():
            way(Dice(1))

            assert tell() == []
            [said] = verify(heads=[head], now=EVENING).problems
            assert head in said

    def test_at_random_is_found_40_times_of_40(self, log):
        assert found(40) == 40

    @pytest.mark.verification
    def test_at_random_is_found_1000_times_of_1000(self, log):
        assert found(1000) == 1000


def found(times: int) -> int:
    head, dice = AccessLogSeal.objects.latest("number").digest, Dice(times)
    ways = tampering.SEEN + tampering.SEEN_FROM_OUTSIDE
    count = 0
    for _ in range(times):
        with tampering.as_superuser():
            dice.choice(ways)(dice)
            count += bool(verify(heads=[head], now=EVENING).problems)
    assert verify(heads=[head], now=EVENING).problems == []
    return count


class TestCommand:
    def test_says_that_all_is_well_and_what_it_cannot_see(self, log, capsys, time_machine):
        time_machine.move_to(EVENING, tick=False)

        call_command("verify_access_log")

        said = capsys.readouterr().out
        assert "60 rows under 6 seals, 0 not sealed yet." in said
        assert "The access log is whole." in said
        assert "only with --head" in said

    def test_takes_the_log_line_as_it_stands(self, log, time_machine):
        time_machine.move_to(EVENING, tick=False)
        digest = AccessLogSeal.objects.get(number=3).digest

        call_command("verify_access_log", f'--head={{"digest": "{digest}", "count": 60}}')

    def test_fails_and_says_what_is_wrong(self, log, time_machine):
        time_machine.move_to(EVENING, tick=False)

        with pytest.raises(CommandError, match=r"No seal has the digest a{64}") as failure:
            call_command("verify_access_log", f"--head={'a' * 64}")

        assert failure.value.returncode == 1

    def test_refuses_what_is_no_digest(self):
        with pytest.raises(CommandError, match="64 hexadecimal digits"):
            call_command("verify_access_log", "--head=abc")

"""What every gateway promises, asked of each of them; and what each has of its own."""

import json
from dataclasses import replace
from datetime import datetime
from itertools import count

import fastjsonschema
import pytest
import yaml
from django.conf import settings as project

from messaging.sync.gateways import builtin, file, http, manual, wire
from messaging.sync.gateways.base import Change, Reading, Unavailable
from tests.factories import published_number
from tests.messaging.sync.gateways import Killed
from tests.messaging.sync.other_side import EService, answer_files

DOCS = project.BASE_DIR / "docs"


def a_change(key=1, **facts) -> Change:
    told = {
        "kind": "account", "version": 1, "is_open": True,
        "identity_number": published_number(key), "acts_for": "",
        "notify_by_sms": True, "notify_by_email": False,
        "mobile_e164": "+46701740612", "email": "prov@exempel.se", "is_barred": False,
    }  # fmt: skip
    return Change(key=key, **told | facts)


def at(hour: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-24T{hour}:00+01:00")


def read(key: int, hour: str, zone: str = "+01:00") -> dict[str, str]:
    return {"id": f"account-{key}", "read_at": f"2026-11-24T{hour}:00{zone}"}


class Contract:
    """A gateway's tests inherit from this, and say what its other side is.

    `side` has gateway(), as a run makes it; work(), in which the other side does its part; and
    holds(), what it has afterwards: versions of open and of closed rows by their keys.
    """

    def settle(self, side, *batch):
        """Hand over until there is an answer, as runs do that come one after the other."""
        for _ in range(3):
            answers = side.gateway().push(batch)
            if len(answers) == len(batch):
                return {answer.key: answer.refusal for answer in answers}
            side.work()
        return {answer.key: answer.refusal for answer in answers}

    def test_answers_for_each_row(self, side):
        assert self.settle(side, a_change(1), a_change(2)) == {1: "", 2: ""}
        assert side.holds() == {1: (1, True), 2: (1, True)}

    def test_tells_what_is_closed(self, side):
        self.settle(side, a_change())

        self.settle(side, a_change(version=2, is_open=False))

        assert side.holds() == {1: (2, False)}

    def test_stands_repeats(self, side):
        self.settle(side, a_change())

        assert self.settle(side, a_change()) == {1: ""}
        assert side.holds() == {1: (1, True)}

    def test_stands_a_process_that_died_before_the_answer_was_written_down(self, side):
        side.gateway().push([a_change()])
        side.work()
        side.gateway().push([a_change()])

        assert self.settle(side, a_change()) == {1: ""}
        assert side.holds() == {1: (1, True)}

    def test_has_nothing_to_ask_about_nobody(self, side):
        assert side.gateway().push([]) == []

    def test_answers_about_nobody_else(self, side):
        self.settle(side, a_change(1), a_change(2))

        assert self.settle(side, a_change(2)) == {2: ""}

    def test_takes_as_many_as_a_batch(self, side):
        many = [a_change(key) for key in range(1, 501)]

        assert len(self.settle(side, *many)) == 500


class MayRefuse(Contract):
    """Where the other side judges for itself: refuse() tells whom it refuses, and why."""

    def test_gives_the_reason_in_words_for_who_switched_on(self, side):
        bo, other = a_change(1), a_change(2)
        side.refuse({bo.identity_number: "unknown_person"})

        assert self.settle(side, bo, other) == {
            1: "Personnumret finns inte i e-tjänsten. Kontrollera personnumret.",
            2: "",
        }

    def test_has_words_for_reasons_that_nobody_has_heard_of(self, side):
        side.refuse({a_change().identity_number: "E_4711 konto låst"})

        assert self.settle(side, a_change()) == {
            1: "E-tjänsten tog inte emot uppgiften. Prata med systemförvaltningen."
        }

    def test_asks_anew_about_what_was_refused(self, side):
        side.refuse({a_change().identity_number: "unknown_person"})
        self.settle(side, a_change())
        side.refuse({})

        side.gateway().push([a_change()])
        side.work()

        assert self.settle(side, a_change()) == {1: ""}

    def test_does_not_bring_back_what_is_older(self, side):
        self.settle(side, a_change(version=2, is_open=False))

        refused = self.settle(side, a_change(version=1))

        assert refused[1].startswith("E-tjänsten har en nyare uppgift")
        assert side.holds() == {1: (2, False)}

    def test_tells_no_address_of_a_channel_that_is_off(self, side):
        self.settle(side, a_change())

        row = side.rows()["account-1"]
        assert (row["sms"], row["email"]) == ("+46701740612", None)

    def test_tells_no_address_of_who_is_switched_off(self, side):
        self.settle(side, a_change(is_open=False))

        assert side.rows()["account-1"]["sms"] is None


class Ours:
    """Another side that is told of nothing: what we say is true there when it is handed over."""

    def __init__(self, gateway):
        self.made, self.told = gateway, {}

    def gateway(self):
        return self

    def push(self, batch):
        self.told.update({change.key: (change.version, change.is_open) for change in batch})
        return self.made.push(batch)

    def work(self): ...

    def holds(self):
        return self.told


class TestBuiltin(Contract):
    @pytest.fixture
    def side(self):
        return Ours(builtin.Gateway())


class TestManual(Contract):
    @pytest.fixture
    def side(self):
        return Ours(manual.Gateway())


class TestHttp(MayRefuse):
    @pytest.fixture
    def side(self, other_side):
        return other_side

    @pytest.fixture(autouse=True)
    def _no_waiting(self, monkeypatch):
        monkeypatch.setattr(http, "PAUSES", (0.01, 0.02, 0.04))

    @pytest.mark.parametrize("fault", [429, 500, 502, 503, 504, 299])
    def test_tries_again_when_that_can_help(self, side, fault):
        side.prepare(faults=[fault, fault])

        assert self.settle(side, a_change()) == {1: ""}
        assert side.asked() == 3

    @pytest.mark.parametrize("fault", [400, 401, 403, 404, 409, 413, 302])
    def test_gives_up_at_once_when_it_cannot(self, side, fault):
        side.prepare(faults=[fault])

        with pytest.raises(Unavailable, match=f"HTTP {fault}"):
            side.gateway().push([a_change()])
        assert side.asked() == 1

    def test_gives_up_when_it_never_helps(self, side):
        side.prepare(faults=[503] * 9)

        with pytest.raises(Unavailable, match="HTTP 503"):
            side.gateway().push([a_change()])
        assert side.asked() == 3

    def test_leaves_the_rows_that_have_no_answer(self, side):
        side.prepare(faults=[298])

        answers = side.gateway().push([a_change(1), a_change(2)])

        assert [answer.key for answer in answers] == [1]

    def test_leaves_the_rows_that_are_to_come_again_later(self, side):
        side.prepare(later=[published_number(2)])

        answers = side.gateway().push([a_change(1), a_change(2)])

        assert [answer.key for answer in answers] == [1]

    def test_understands_nothing_but_json(self, side):
        side.prepare(faults=[297])

        with pytest.raises(Unavailable, match="not JSON"):
            side.gateway().push([a_change()])

    def test_waits_no_longer_than_it_may_however_slowly_the_bytes_come(self, side, monkeypatch):
        monkeypatch.setattr(http, "DEADLINE", 0.2)
        side.prepare(slowness=0.05)

        with pytest.raises(Unavailable, match="Timeout"):
            side.gateway().push([a_change()])

    def test_reads_no_answer_that_has_no_end(self, side, monkeypatch):
        monkeypatch.setattr(http, "LARGEST_ANSWER", 10)

        with pytest.raises(Unavailable, match="Timeout"):
            side.gateway().push([a_change()])

    def test_gives_up_when_nobody_is_there(self, settings):
        settings.SYNC_HTTP_URL = "http://127.0.0.1:1/"

        with pytest.raises(Unavailable, match="ConnectionError"):
            http.Gateway().push([a_change()])

    def test_shows_who_we_are(self, side, settings):
        settings.SYNC_HTTP_TOKEN = "fel"

        with pytest.raises(Unavailable, match="HTTP 401"):
            side.gateway().push([a_change()])

    def test_takes_no_password_from_the_machines_own_files(
        self, side, settings, monkeypatch, tmp_path
    ):
        settings.SYNC_HTTP_TOKEN = ""
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login koppla password annan")
        monkeypatch.setenv("NETRC", str(netrc))

        assert http._bearer(http.requests.Request("GET", side.url).prepare()).headers == {}
        with pytest.raises(Unavailable, match="HTTP 401"):
            side.gateway().push([a_change()])

    def test_shows_a_certificate_of_its_own_where_that_is_asked_for(self, settings):
        settings.SYNC_HTTP_CERT, settings.SYNC_HTTP_KEY = "our.pem", "our.key"
        settings.SYNC_HTTP_CA = "theirs.pem"

        session = http.Gateway()._session

        assert (session.cert, session.verify) == (("our.pem", "our.key"), "theirs.pem")

    def test_asks_page_by_page_how_far_people_have_read(self, side, monkeypatch):
        monkeypatch.setattr(http, "PAGE", 2)
        side.prepare(readings=[read(1, "08:00"), read(2, "08:01"), read(3, "08:02")])

        assert [row.key for row in side.gateway().readings(None)] == [1, 2, 3]
        assert [row.key for row in side.gateway().readings(at("08:00"))] == [2, 3]

    def test_ends_also_when_the_same_page_comes_again(self, side, monkeypatch):
        monkeypatch.setattr(http, "PAGE", 1)
        # The small e-service compares moments as text: "Z" is after "+00:00".
        side.prepare(readings=[read(1, "08:00", zone="Z")])

        assert len(list(side.gateway().readings(None))) == 2

    def test_need_not_tell_how_far_people_have_read(self, side):
        assert list(side.gateway().readings(None)) == []

    def test_is_heard_when_it_cannot_tell_just_now(self, side, settings):
        settings.SYNC_HTTP_TOKEN = "fel"

        with pytest.raises(Unavailable, match="HTTP 401"):
            list(side.gateway().readings(None))

    @pytest.mark.parametrize(
        "row", [{"id": "account-1"}, read(1, "25:00"), read(1, "08:00", zone=""), "account-1"]
    )
    def test_guesses_at_no_reading(self, side, row):
        side.prepare(readings=[row] if isinstance(row, str) else [{"read_at": "x"} | row])

        with pytest.raises(Unavailable):
            list(side.gateway().readings(None))


class TestFile(MayRefuse):
    @pytest.fixture
    def side(self, tmp_path, settings):
        settings.SYNC_FOLDER = str(tmp_path)
        return Files(tmp_path)

    def test_writes_a_manifest_of_what_it_wrote(self, side):
        side.gateway().push([a_change(1), a_change(2)])

        [manifest] = (side.folder / "to").glob("*.manifest.json")
        told = json.loads(manifest.read_text())
        assert (told["format"], told["count"], len(told["sha256"])) == (1, 2, 64)
        assert [row["id"] for row in file.read(manifest)] == ["account-1", "account-2"]

    def test_does_not_write_again_what_waits_for_its_answer(self, side):
        side.gateway().push([a_change(1)])

        side.gateway().push([a_change(1), a_change(2)])

        ids = [[row["id"] for row in rows] for rows in side.delivered()]
        assert sorted(ids) == [["account-1"], ["account-2"]]

    def test_writes_again_what_nobody_has_answered_for_most_of_a_day(self, side, monkeypatch):
        side.gateway().push([a_change()])
        monkeypatch.setattr(file, "LOST_AFTER", file.timedelta(seconds=-1))

        side.gateway().push([a_change()])

        assert len(side.delivered()) == 1
        assert len(list((side.folder / "archive").glob("*.ndjson"))) == 1

    def test_puts_away_what_has_been_answered(self, side):
        self.settle(side, a_change())

        assert side.delivered() == []
        assert len(list((side.folder / "archive").iterdir())) == 4
        assert list((side.folder / "from").iterdir()) == []

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda manifest, lines: lines.write_bytes(lines.read_bytes()[:-10]),
            lambda manifest, lines: lines.write_bytes(lines.read_bytes() * 2),
            lambda manifest, lines: lines.unlink(),
            lambda manifest, lines: manifest.write_text("{}"),
            lambda manifest, lines: manifest.write_text("inte json"),
            lambda manifest, lines: manifest.write_text(
                json.dumps(json.loads(manifest.read_text()) | {"count": 7})
            ),
        ],
        ids=["cut", "doubled", "missing", "empty manifest", "no manifest", "wrong count"],
    )
    def test_refuses_whole_what_is_not_what_its_manifest_says(self, side, spoil):
        side.gateway().push([a_change()])
        side.work()
        [manifest] = (side.folder / "from").glob("*.manifest.json")
        spoil(manifest, file._lines_of(manifest))

        assert side.gateway().push([a_change()]) == []
        assert [path.name for path in (side.folder / "refused").glob("*.json")] == [manifest.name]
        # It still waits for an answer that can be believed.
        side.work()
        assert self.settle(side, a_change()) == {1: ""}

    def test_leaves_nothing_half_written_on_a_full_disk(self, side, monkeypatch):
        gateway = side.gateway()

        def full(number):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(file.os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            gateway.push([a_change()])

        assert list((side.folder / "to").iterdir()) == []

    def test_needs_the_folder_that_somebody_has_mounted(self, settings, tmp_path):
        settings.SYNC_FOLDER = str(tmp_path / "not-mounted")

        with pytest.raises(Unavailable, match="no folder"):
            file.Gateway()

    def test_keeps_what_is_put_away_for_a_month(self, side, monkeypatch):
        self.settle(side, a_change())
        monkeypatch.setattr(file, "KEPT", file.timedelta(seconds=-1))

        side.gateway()

        assert list((side.folder / "archive").iterdir()) == []

    def test_reads_once_how_far_people_have_read(self, side):
        side.tell(read(1, "08:00"), read(2, "08:01"))

        found = list(side.gateway().readings(None))

        assert found == [Reading(1, at("08:00")), Reading(2, at("08:01"))]
        assert list(side.gateway().readings(None)) == []
        assert len(list((side.folder / "archive").iterdir())) == 2

    def test_refuses_whole_readings_of_which_one_cannot_be_read(self, side):
        side.tell(read(1, "08:00"), {"id": "account-2"})

        assert list(side.gateway().readings(None)) == []
        assert len(list((side.folder / "refused").iterdir())) == 2

    def test_keeps_no_longer_what_a_process_left_half_written(self, side, monkeypatch):
        side.gateway().push([a_change()])
        [manifest] = (side.folder / "to").glob("*.manifest.json")
        manifest.unlink()  # it died before this was written
        monkeypatch.setattr(file, "KEPT", file.timedelta(seconds=-1))

        side.gateway()

        assert list((side.folder / "to").iterdir()) == []

    @pytest.mark.parametrize("move", range(1, 5))
    @pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
    def test_stands_a_death_at_each_move_of_what_has_been_answered(
        self, side, monkeypatch, move, after
    ):
        side.gateway().push([a_change()])
        side.work()
        moves, replace = count(1), file.Path.replace

        def dies(path, to):
            dying = next(moves) == move
            if after or not dying:
                replace(path, to)
            if dying:
                raise Killed

        monkeypatch.setattr(file.Path, "replace", dies)
        with pytest.raises(Killed):
            side.gateway().push([a_change()])
        monkeypatch.undo()

        assert self.settle(side, a_change()) == {1: ""}
        assert side.delivered() == []


class Files:
    def __init__(self, folder):
        self.folder, self.service = folder, EService()

    def gateway(self):
        return file.Gateway()

    def tell(self, *rows):
        side = self.gateway()._folder / "from"
        file.write(side, "readings-1", [json.dumps(row) for row in rows], file.READINGS)

    def work(self):
        answer_files(self.folder, self.service)

    def refuse(self, whom):
        self.service.refuse = whom

    def rows(self):
        return self.service.rows

    def holds(self):
        return {int(i.partition("-")[2]): (r["version"], r["open"]) for i, r in self.rows().items()}

    def delivered(self):
        return [list(file.read(path)) for path in (self.folder / "to").glob("*.manifest.json")]


def test_a_row_that_may_not_be_open_is_never_handed_over():
    assert replace(a_change(), is_barred=True).refusal.startswith("Kan inte kopplas på.")
    assert replace(a_change(), is_barred=True, is_open=False).refusal == ""


class TestTheDescriptions:
    """What is promised to the other side in docs/ is what is written."""

    schema = json.loads((DOCS / "sync-row.schema.json").read_text())
    api = yaml.safe_load((DOCS / "e-service.openapi.yml").read_text())

    def test_are_of_the_same_row(self):
        row = self.api["components"]["schemas"]["Row"]

        assert row["required"] == self.schema["required"]
        assert row["additionalProperties"] is self.schema["additionalProperties"] is False
        for name, told in self.schema["properties"].items():
            assert told.items() <= row["properties"][name].items()

    @pytest.mark.parametrize(
        "change",
        [
            a_change(),
            a_change(notify_by_email=True),
            a_change(version=7, is_open=False),
            a_change(kind="relation", acts_for=published_number(2)),
        ],
    )
    def test_are_true_of_what_is_handed_over(self, change):
        fastjsonschema.validate(self.schema, wire.record(change))

    def test_would_notice_another_row(self):
        with pytest.raises(fastjsonschema.JsonSchemaValueException):
            fastjsonschema.validate(self.schema, wire.record(a_change()) | {"name": "Bo"})

    def test_know_every_reason_and_no_other(self):
        answer = self.api["components"]["schemas"]["Answer"]

        assert answer["properties"]["reason"]["enum"] == list(wire.REASONS)

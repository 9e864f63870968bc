"""That the measuring works. How fast anything is, is said by `./dev bench`, never by a test."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.measure import Result, Times, in_turn

ROOT = Path(__file__).parent.parent.parent
KEYS = {"case", "rows", "database", "median", "spread", "ratio", "against", "target", "ok"}


class TestCommand:
    def test_says_one_object_a_line_and_whether_a_target_was_missed(self, tmp_path):
        answer = self._bench(tmp_path, "person", "night", "--rows", "40", "--json")

        results = [json.loads(line) for line in answer.stdout.splitlines()]
        cases = [result["case"] for result in results]
        assert cases[:3] == ["person", "person.queries", "person.floor"], answer.stderr
        assert {"night.nothing", "night.1%", "night.100%", "night.memory"} < set(cases)
        assert all(r.keys() == KEYS and r["rows"] == 40 for r in results)
        assert {r["database"] for r in results} == {"SQLite"}
        assert results[1]["ok"] is True
        assert answer.returncode == int(any(r["ok"] is False for r in results))

    def test_knows_no_other_cases(self, tmp_path):
        answer = self._bench(tmp_path, "evening")

        assert answer.returncode == 2
        assert "no such case: evening" in answer.stderr

    def _bench(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        url = f"sqlite:///{folder}/bench.sqlite3"
        env = os.environ | {"DATABASE_URL": url, "BENCH_SQLITE_URL": url}
        command = [sys.executable, "-m", "bench", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )


class TestInTurn:
    def test_times_each_way_once_a_round_and_leaves_out_the_warm_up(self):
        calls = []

        ours, floor = in_turn(
            lambda: calls.append("ours"),
            lambda: calls.append("floor"),
            rounds=2,
            warm_up=1,
            before=lambda: calls.append("before"),
        )

        assert calls == ["before", "ours", "before", "floor"] * 3
        assert len(ours.milliseconds) == len(floor.milliseconds) == 2


class TestTimes:
    def test_tells_the_middle_and_how_far_apart_the_others_are(self):
        times = Times([float(n) for n in range(101)])

        assert (times.median, times.spread) == (50, 80)
        assert times.over(Times([25.0])) == 2

    def test_has_no_spread_when_there_is_one(self):
        assert Times([3.0]).spread == 0


class TestResult:
    @pytest.mark.parametrize(("ok", "word"), [(True, "ok"), (False, "MISSED"), (None, "<= 8 s")])
    def test_ends_its_line_with_the_verdict(self, ok, word):
        result = Result("run-ready", 40, "SQLite", 6000, 100, target="<= 8 s", ok=ok)

        assert str(result).endswith(word)

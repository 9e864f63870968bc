"""That what is written about running the system is the system that runs."""

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
EXAMPLE = (ROOT / ".env.example").read_text()
SETTINGS = (ROOT / "config" / "settings.py").read_text()
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "beat")
READ_BY_COMPOSE_ALONE = {"POSTGRES_PASSWORD", "POSTGRES_APP_PASSWORD", "WEB_LISTEN"}


def example_variables() -> list[str]:
    return re.findall(r"^#?([A-Z_]+)=", EXAMPLE, flags=re.MULTILINE)


def settings_variables() -> set[str]:
    return set(re.findall(r"""\benv(?:\.\w+)?\(\s*["']([A-Z_]+)["']""", SETTINGS))


def check(**env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "check"]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | env, capture_output=True, text=True, check=False
    )


class TestEnvExample:
    def test_lists_each_variable_that_settings_or_compose_read_once(self):
        expected = settings_variables() | READ_BY_COMPOSE_ALONE

        assert sorted(example_variables()) == sorted(expected)

    def test_explains_each_variable_on_the_line_above(self):
        lines = EXAMPLE.splitlines()

        for above, line in pairwise(lines):
            if re.match(r"#?[A-Z_]+=", line):
                assert above.startswith("# "), line

    @pytest.mark.parametrize(
        "secret",
        [
            "SECRET_KEY",
            "POSTGRES_PASSWORD",
            "POSTGRES_APP_PASSWORD",
            "TWILIO_AUTH_TOKEN",
            "TWILIO_ACCOUNT_SID",
            "OIDC_CLIENT_SECRET",
        ],
    )
    def test_gives_no_secret_a_value(self, secret):
        assert f"\n{secret}=\n" in EXAMPLE

    def test_is_the_only_place_where_the_product_reads_its_environment(self):
        config_only = {"settings.py", "gunicorn.py", "wsgi.py", "celery.py", "probe.py"}
        apps = ["config", "onboarding", "messaging", "relations", "persons", "staff", "web"]
        files = [file for app in apps for file in (ROOT / app).rglob("*.py")]

        reads = re.compile(r"\b(environ|getenv)\b")
        readers = [file for file in files if reads.search(file.read_text())]

        assert {str(f.relative_to(ROOT)) for f in readers} <= {f"config/{n}" for n in config_only}


class TestCompose:
    def test_runs_each_part_once_and_the_migrations_before_them(self):
        assert set(SERVICES) == {*OURS, "postgres", "redis"}
        for name in set(OURS) - {"migrate"}:
            condition = SERVICES[name]["depends_on"]["migrate"]["condition"]
            assert condition == "service_completed_successfully"
        assert SERVICES["beat"]["deploy"]["replicas"] == 1

    def test_lets_no_worker_play_beat(self):
        assert not re.search(r"\s(-B|--beat)\b", SERVICES["worker"]["command"])

    def test_reads_only_variables_that_the_example_explains(self):
        read = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE_TEXT))

        assert read <= set(example_variables())

    def test_gives_settings_only_variables_that_they_read(self):
        for name in OURS:
            assert set(SERVICES[name]["environment"]) <= settings_variables()

    @pytest.mark.parametrize(
        "secret", ["SECRET_KEY", "POSTGRES_PASSWORD", "POSTGRES_APP_PASSWORD", "PUBLIC_BASE_URL"]
    )
    def test_stops_when_a_secret_is_missing(self, secret):
        uses = re.findall(rf"\$\{{{secret}([^}}]*)\}}", COMPOSE_TEXT)

        assert uses
        assert set(uses) == {":?"}

    def test_lets_only_migrations_work_as_the_owner_of_the_tables(self):
        users = {name: self._user(SERVICES[name]["environment"]["DATABASE_URL"]) for name in OURS}

        owner = SERVICES["postgres"]["environment"]["POSTGRES_USER"]
        assert users.pop("migrate") == owner
        assert set(users.values()) == {"koppla_app"}

    def test_limits_the_role_that_all_else_works_as_after_the_migrations(self):
        limited = SERVICES["migrate"]["environment"]["APP_DATABASE_URL"]

        assert limited == SERVICES["web"]["environment"]["DATABASE_URL"]
        assert "migrate --noinput && python manage.py limit" in SERVICES["migrate"]["command"]

    def _user(self, url: str) -> str:
        return url.removeprefix("postgres://").partition(":")[0]

    def test_asks_every_service_that_stays_up_whether_it_is_well(self):
        for name in set(SERVICES) - {"migrate"}:
            assert SERVICES[name]["healthcheck"]["test"], name

    def test_gives_migrations_no_health_check_to_wait_for(self):
        assert SERVICES["migrate"]["healthcheck"] == {"disable": True}

    def test_opens_one_port_and_that_to_this_machine(self):
        ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

        assert ports == {"web": ["${WEB_LISTEN:-127.0.0.1:8000}:8000"]}
        assert "--bind 0.0.0.0:8000 " in SERVICES["web"]["command"]

    def test_keeps_what_must_survive_in_named_volumes(self):
        mounted = {v.split(":")[0] for service in SERVICES.values() for v in service["volumes"]}

        assert mounted == set(COMPOSE["volumes"]) == {"data", "outside", "postgres", "redis"}


class TestDockerfile:
    LINES = (ROOT / "Dockerfile").read_text().splitlines()

    def test_runs_as_someone_without_power(self):
        users = [line.split()[1] for line in self.LINES if line.startswith("USER ")]

        assert users
        assert users[-1] not in {"root", "0"}

    def test_installs_what_is_locked_and_nothing_else(self):
        installs = [line for line in self.LINES if "pip install" in line]

        assert len(installs) == 1
        assert "--require-hashes -r requirements/run.txt" in installs[0]

    def test_bakes_no_secret_into_the_image(self):
        kept = [line for line in self.LINES if line.startswith(("ENV ", "ARG "))]

        assert not any("SECRET" in line or "PASSWORD" in line for line in kept)
        assert (ROOT / ".dockerignore").read_text().startswith(".*\n")  # .env, .git, .venv

    def test_starts_the_web_process_as_compose_does(self):
        command = re.search(r"^CMD (\[.*?\])", "\n".join(self.LINES), re.DOTALL | re.MULTILINE)

        words = yaml.safe_load(command[1].replace("\\\n", ""))
        assert words == SERVICES["web"]["command"].split()


class TestIdentityProvider:
    CLIENT = {"OIDC_CLIENT_ID": "koppla", "OIDC_CLIENT_SECRET": "only for tests"}

    def test_is_refused_without_a_secret(self):
        answer = check(OIDC_ISSUER="https://login.example", OIDC_CLIENT_ID="koppla")

        assert answer.returncode != 0
        assert "OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET" in answer.stderr

    def test_is_refused_when_anybody_on_the_way_could_answer_in_its_place(self):
        answer = check(OIDC_ISSUER="http://login.example", **self.CLIENT)

        assert answer.returncode != 0
        assert "OIDC_ISSUER must be https" in answer.stderr


class TestDemoMode:
    def test_refuses_to_start_under_another_host_than_this_machine(self):
        answer = check(DEMO="1", PUBLIC_BASE_URL="https://koppla.example")

        assert answer.returncode != 0
        assert "DEMO is only for this machine" in answer.stderr

    def test_starts_on_this_machine(self):
        assert check(DEMO="1", PUBLIC_BASE_URL="http://localhost:8000").returncode == 0

"""That the documents speak of what is here, and of nothing else."""

import re
from functools import cache
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands

ROOT = Path(__file__).parent.parent
FLOORS = ("config", "onboarding", "messaging", "relations", "persons", "staff", "web")
OVERVIEWS = [ROOT / "README.md", ROOT / "ARCHITECTURE.md"]
DOCUMENTS = [*OVERVIEWS, *sorted((ROOT / "docs").rglob("*.md"))]
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))

# Made when the product runs, or by whoever deploys it.
NOT_IN_THE_REPOSITORY = {".env", "var/"}
# Paths in an image, and addresses of pages.
KNOWN_OUTSIDE = {
    "/admin/",
    "/konto/session/",
    "/konto/kommunen/utloggad/",
    "/halsa/",
    "/halsa/levande",
    "/halsa/redo",
    "/halsa/matt",
}

PATH = re.compile(r"\.?[\w-]+(?:[/.][\w.-]+)*/?")
ENDING = re.compile(r"\.(py|md|toml|yml|txt|css|js|png|example)$")


def named(document: Path) -> set[str]:
    """What is in backquotes, and what links lead to."""
    text = document.read_text()
    return set(re.findall(r"`([^`\n]+)`", text)) | set(re.findall(r"\]\(([^)]+)\)", text))


def paths(document: Path) -> set[str]:
    """A whole path; a bare file name like `models.py` is a habit, and not a place."""
    found = {word for word in named(document) if PATH.fullmatch(word)}
    return {p for p in found if "/" in p or (ROOT / p).suffix in {".md", ".toml", ".yml"}}


@cache
def code() -> str:
    return "\n".join(file.read_text() for floor in FLOORS for file in (ROOT / floor).rglob("*.py"))


def ids(document: Path) -> str:
    return str(document.relative_to(ROOT))


class TestOverviews:
    @pytest.mark.parametrize("document", OVERVIEWS, ids=ids)
    def test_names_only_paths_that_exist(self, document):
        wanted = paths(document) - NOT_IN_THE_REPOSITORY - KNOWN_OUTSIDE

        assert wanted
        assert [p for p in sorted(wanted) if not _exists(p)] == []

    def test_names_every_command_of_dev(self):
        there = set(re.findall(r'^    "(\w+)": \(', (ROOT / "dev").read_text(), re.MULTILINE))

        assert _commands(ROOT / "README.md") == there

    def test_names_every_floor_in_their_order(self):
        text = (ROOT / "ARCHITECTURE.md").read_text()

        assert re.search(r"\s+>\s+".join(FLOORS), text)

    def test_begins_in_swedish_for_those_whom_it_is_for(self):
        first = (ROOT / "README.md").read_text().split("\n\n")[1]

        assert len(re.findall(r"\.(?:\s|$)", first)) == 2
        assert "socialtjänsten" in first


class TestProductionCommands:
    README = (ROOT / "README.md").read_text()

    def test_speaks_only_of_services_that_compose_has(self):
        services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]

        spoken = re.findall(r"docker compose (?:run|exec)(?: --[\w-]+)* (\w+)", self.README)

        assert spoken
        assert set(spoken) <= set(services)

    def test_starts_with_the_example_that_settings_are_held_to(self):
        assert "cp .env.example .env" in self.README

    def test_makes_an_administrator_with_a_command_that_there_is(self):
        commands = re.findall(r"docker compose exec web python manage\.py (\w+)", self.README)

        assert set(commands) == {"add_administrator"}
        assert set(commands) <= set(get_commands())

    def test_disposes_of_people_as_the_owner_after_a_dry_run(self):
        line = "docker compose run --rm --no-deps migrate python manage.py dispose"

        dry, apply = re.findall(rf"{line}(.*)", self.README)

        assert "--apply" not in dry
        assert "--apply --by" in apply


class TestGlossary:
    def test_has_only_identifiers_that_the_code_has(self):
        glossary = ROOT / "docs" / "glossary.md"

        words = {word for word in named(glossary) if re.fullmatch(r"\w+", word)}

        assert len(words) > 50
        assert [w for w in sorted(words) if not re.search(rf"\b{w}\b", code())] == []


class TestDecisions:
    def test_are_numbered_without_a_gap(self):
        numbers = [int(file.name[:4]) for file in DECISIONS]

        assert numbers == list(range(1, len(DECISIONS) + 1))

    @pytest.mark.parametrize("document", DECISIONS, ids=ids)
    def test_say_why_what_and_what_follows(self, document):
        text = document.read_text()

        assert text.startswith(f"# {int(document.name[:4])}. ")
        assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == [
            "Context", "Decision", "Consequences",
        ]  # fmt: skip
        assert len(text.split()) < 260  # half a page


class TestAllDocuments:
    @pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
    def test_lead_nowhere_outside_the_repository(self, document):
        text = document.read_text()

        absolute = set(re.findall(r"(?<![\w./:*…`])`?(/[a-z][\w./-]*)", text)) - KNOWN_OUTSIDE
        assert absolute == set()
        for link in re.findall(r"\]\(([^)#]+)", text):
            if not link.startswith("https://"):
                assert (document.parent / link).resolve().is_relative_to(ROOT)
                assert (document.parent / link).exists(), link
        assert "../.." not in text

    @pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
    def test_name_only_commands_that_dev_has(self, document):
        assert _commands(document) <= _commands(ROOT / "README.md")


class TestLicence:
    def test_is_the_whole_eupl(self):
        text = (ROOT / "LICENSE").read_text()

        assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
        articles = [int(n) for n in re.findall(r"^(\d+)\.\s*[A-Z]", text, re.MULTILINE)]
        assert articles == list(range(1, 16))
        assert "Appendix" in text
        assert 'license = "EUPL-1.2"' in (ROOT / "pyproject.toml").read_text()


def _exists(path: str) -> bool:
    """From the root, or inside the floor that the line is about."""
    return (ROOT / path).exists() or any((ROOT / floor / path).exists() for floor in FLOORS)


def _commands(document: Path) -> set[str]:
    return set(re.findall(r"\./dev (\w+)", document.read_text()))

"""What is kept of each model, as `docs/retention.toml` says: disposal does what stands there."""

import tomllib
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Model

FILE = settings.BASE_DIR / "docs" / "retention.toml"
WITH_THE_PERSON = "with the person"
NUMBER_IS_LEFT = "number is left"
DISPOSALS = (WITH_THE_PERSON, NUMBER_IS_LEFT, "own time", "kept")


@cache
def read() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def classes() -> set[str]:
    return set(read()["classes"])


def tables() -> dict[str, dict[str, Any]]:
    """By the label of the model, such as `persons.Person`."""
    return {
        f"{app}.{name}": table
        for app, models in read().items()
        if app != "classes"
        for name, table in models.items()
    }


def paths_to_person() -> dict[type[Model], str]:
    """What is deleted with a person, and how it leads there: what others lead through goes last."""
    found = {
        apps.get_model(label): table["person"]
        for label, table in tables().items()
        if table["disposal"] == WITH_THE_PERSON
    }
    return dict(sorted(found.items(), key=lambda row: (row[1] == "pk", -row[1].count("__"))))

"""A text of its own in each field about each person: whoever meets it knows where it came from.

The fields are those of the models, so a new one gets its canary by itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.apps import apps
from django.db import models

from persons.models import Person
from tests.factories import FICTIONAL_PHONES, published_number

ROOT = "kanari"
# Codes that the product itself writes: not what somebody said about a person.
CODES = {
    "EServiceAccount": {"refusal"},
    "Message": {"language"},
    "Relation": {"mobile_e164"},
    "Registration": {"language", "mobile_e164"},
    "Notice": {
        "dedupe_key", "sender", "subject", "text", "html", "provider", "provider_id", "last_code",
    },
    "NoticeEvent": {"code"},
    "ProviderEvent": {"provider", "provider_id", "status", "code"},
    "AccessLogEntry": {"view", "role"},
    "Person": {"language", "mobile_e164", "sort_key", "given_name_key"},
    "PersonEvent": {"kind"},
}  # fmt: skip


@dataclass(frozen=True)
class Canary:
    owner: str
    place: str
    value: str


class Canaries:
    """Hands out texts, and finds them again."""

    def __init__(self) -> None:
        self._numbers = count()
        # Few belong to nobody: each is given once.
        self._phones = iter(FICTIONAL_PHONES)
        self.all: dict[str, Canary] = {}
        self._pattern: re.Pattern[str] | None = None

    def values(self, model: type[models.Model], owner: str) -> dict[str, str]:
        """For every text field of the model that is about a person."""
        return {f.name: self.hide(f, owner) for f in text_fields(model)}

    def hide(self, field: "models.Field[Any, Any]", owner: str) -> str:
        number = next(self._numbers)
        is_phone = field.name == "mobile"
        value = next(self._phones) if is_phone else _fitting(field, _word(number), number)
        self.keep(owner, f"{field.model.__name__}.{field.name}", value)
        return value

    def keep(self, owner: str, place: str, value: str) -> None:
        """Also as others write the same thing."""
        for form in _forms(value):
            self.all[form] = Canary(owner, place, form)
        self._pattern = None

    def found_in(self, text: str) -> list[Canary]:
        if self._pattern is None:
            longest_first = sorted(self.all, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        return [self.all[value] for value in self._pattern.findall(text.casefold())]


def text_fields(model: type[models.Model]) -> "Iterator[models.Field[Any, Any]]":
    for field in model._meta.concrete_fields:
        is_text = isinstance(field, models.CharField | models.TextField) and not field.choices
        if is_text and field.name not in CODES.get(model.__name__, ()):
            yield field


def models_about_a_person() -> set[type[models.Model]]:
    """Person itself, and whatever points at something that is about a person."""
    about: set[type[models.Model]] = {Person}
    while more := {m for m in apps.get_models() if m not in about and _points_at(m) & about}:
        about |= more
    return about


def _points_at(model: type[models.Model]) -> set[Any]:
    return {f.related_model for f in model._meta.concrete_fields if f.is_relation}


def _word(number: int) -> str:
    """kanariaaa, kanariaab, …: letters only, since names have no digits."""
    letters = []
    for _ in range(3):
        number, rest = divmod(number, 26)
        letters.append(chr(ord("a") + rest))
    return ROOT + "".join(reversed(letters))


def _fitting(field: "models.Field[Any, Any]", word: str, number: int) -> str:
    if field.name == "identity_number":
        return published_number(number)
    if isinstance(field, models.EmailField) or field.name == "address":
        return f"{word}@exempel.se"
    return word.capitalize()


def _forms(value: str) -> set[str]:
    if re.fullmatch(r"\d{12}", value):
        return {value, f"{value[:8]}-{value[8:]}", f"{value[2:8]}-{value[8:]}"}
    if value.startswith("070-"):
        return {value, "+46" + re.sub(r"\D", "", value)[1:], re.sub(r"\D", "", value)}
    return {value.casefold()}

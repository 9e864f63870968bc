"""Looking up a person by what the law allows, and nothing else.

SoLPuF 15 §: name, personnummer, samordningsnummer or case number.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from persons import identity_number
from persons.models import Case, EmergencyAccess, Person
from persons.models.person import PersonQuerySet
from persons.swedish_order import begins, sort_key
from staff.models import User
from web import clock

MOST = 20  # shown
FEWEST_LETTERS = 3
MOST_WORDS = 6

_IDENTITY = re.compile(r"[\d\s]{10,}|(\d\d)?\d{6}\s*[-+\u2013\u2212]\s*\d{4}", re.ASCII)
_LAST_FOUR = re.compile(r"\d{4}", re.ASCII)


class NotSearchable(ValueError):
    """Says in Swedish what to write instead."""


class Kind(models.TextChoices):
    """What was searched for, which is all that the log keeps of it."""

    NAME = "name", _("Sökte på namn")
    IDENTITY_NUMBER = "identity_number", _("Sökte på personnummer")
    LAST_FOUR = "last_four", _("Sökte på fyra sista siffror")
    CASE_NUMBER = "case_number", _("Sökte på ärendenummer")


@dataclass(frozen=True)
class Term:
    kind: Kind
    text: str


@dataclass(frozen=True)
class Found:
    """`own` are those whose work is the user's, each group in Swedish order."""

    own: list[Person]
    others: list[Person]
    more: bool

    @property
    def persons(self) -> list[Person]:
        return self.own + self.others


def read(typed: str, *, today: date) -> Term:
    """What the text can be, by its shape. Raises NotSearchable."""
    typed = typed.strip()
    if _LAST_FOUR.fullmatch(typed):
        return Term(Kind.LAST_FOUR, typed)
    if _IDENTITY.fullmatch(typed):
        try:
            return Term(Kind.IDENTITY_NUMBER, identity_number.parse(typed, today=today))
        except identity_number.InvalidIdentityNumber as error:
            raise NotSearchable(*error.args) from error
    if re.search(r"\d", typed, re.ASCII):
        return Term(Kind.CASE_NUMBER, typed)
    return Term(Kind.NAME, _name(typed))


def _name(typed: str) -> str:
    if sum(map(str.isalpha, typed)) < FEWEST_LETTERS:
        raise NotSearchable(_("Skriv minst tre bokstäver av namnet."))
    return " ".join(sort_key(typed).split()[:MOST_WORDS])


def find(term: Term, *, user: User) -> Found:
    """One's own people first, then the others that one sees; one more than is shown, at most."""
    mine = list(Case.objects.assigned_to(user).values_list("person_id", flat=True))
    ways = _ways(term, user)
    findable = _findable(term)
    # So few that one question is quicker than an index for each way.
    any_way = reduce(or_, (condition for condition, _order in ways))
    own = _take(findable.filter(pk__in=mine), [(any_way, "sort_key")], MOST + 1)
    others: list[Person] = []
    if term.kind != Kind.LAST_FOUR:
        others = _take(_beyond(user, findable).exclude(pk__in=mine), ways, MOST + 1 - len(own))
    shown = own[:MOST]
    return Found(
        own=_ordered(shown),
        others=_ordered(others[: MOST - len(shown)]),
        more=len(own) + len(others) > MOST,
    )


def _findable(term: Term) -> PersonQuerySet:
    """A hit on a name or four digits would say whose the hidden name is, also to who is named."""
    if term.kind in {Kind.NAME, Kind.LAST_FOUR}:
        return Person.objects.unprotected()
    return Person.objects.all()


def _beyond(user: User, findable: PersonQuerySet) -> QuerySet[Person]:
    """Where to look for those who are not the user's own. A manager's may be any in the register.

    Anybody else has only what was opened without an assignment: a handful, looked up by key.
    """
    visible = findable.visible_to(user)
    if user.managed_units():
        return visible
    opened = EmergencyAccess.objects.open(at=clock.now()).filter(user=user)
    return visible.filter(pk__in=list(opened.values_list("person_id", flat=True)))


def _ways(term: Term, user: User) -> list[tuple[Q, str]]:
    """Each with the column in whose order the index gives what it finds."""
    if term.kind == Kind.IDENTITY_NUMBER:
        return [(Q(identity_number=term.text), "pk")]
    if term.kind == Kind.LAST_FOUR:
        return [(Q(identity_number__endswith=term.text), "pk")]
    if term.kind == Kind.CASE_NUMBER:
        cases = Case.objects.visible_to(user).filter(number__in={term.text, term.text.upper()})
        return [(Q(pk__in=list(cases.values_list("person_id", flat=True))), "pk")]
    return _ways_to_a_name(term.text.split())


def _ways_to_a_name(words: list[str]) -> list[tuple[Q, str]]:
    """By family name, by given name, or the beginning of both in either order."""
    whole = " ".join(words)
    ways = [(begins(key, whole), key) for key in ("sort_key", "given_name_key")]
    for n in range(1, len(words)):
        first, rest = " ".join(words[:n]), " ".join(words[n:])
        ways += [
            (begins("given_name_key", first) & begins("sort_key", rest), "sort_key"),
            (begins("sort_key", first) & begins("given_name_key", rest), "sort_key"),
        ]
    return ways


def _take(persons: QuerySet[Person], ways: list[tuple[Q, str]], most: int) -> list[Person]:
    """One way at a time: of several at once, no index gives the order."""
    found: dict[int, Person] = {}
    for condition, order in ways:
        if len(found) < most:
            rows = persons.filter(condition).exclude(pk__in=found).order_by(order)
            found |= {person.pk: person for person in rows[: most - len(found)]}
    return list(found.values())


def _ordered(persons: list[Person]) -> list[Person]:
    return sorted(persons, key=lambda person: (person.sort_key, person.pk))

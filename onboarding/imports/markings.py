"""A marking that arrives with a file has the effect that it has when it is set by hand."""

from collections.abc import Sequence

from persons.models import EServiceAccount, Person
from staff.models import User


def arrive(persons: Sequence[Person], *, by: User) -> None:
    """Their `protection` is the new one. The night hears of it too."""
    for person in persons:
        Person.objects.filter(pk=person.pk).update(protection=person.protection)
    EServiceAccount.objects.filter(person__in=persons).facts_changed()

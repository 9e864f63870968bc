"""A marking that arrives with a file has the effect that it has when it is set by hand."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from onboarding import protection
from persons.models import MarkingSource, Person, Protection
from staff.models import User


def arrive(persons: Sequence[Person], *, by: User) -> None:
    """Their `protection` is the new one."""
    for person in persons:
        protection.mark(
            person=person,
            protection=Protection(person.protection),
            source=MarkingSource.IMPORT,
            reason=_("Stod i filen"),
            by=by,
        )

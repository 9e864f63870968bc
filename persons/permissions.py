from persons.models import AccessLogEntry, Case, Person
from persons.models.case import ASSIGNED
from staff.models import Membership, Role, User

Basis = AccessLogEntry.Basis
# The roles in which one works with people.
CASEWORK = (*ASSIGNED.values(), Role.UNIT_MANAGER)


def may_open(user: User, person: Person) -> bool:
    return Person.objects.visible_to(user).filter(pk=person.pk).exists()


def may_search(user: User) -> bool:
    return user.is_active and user.has_role(*CASEWORK)


def basis_of(user: User, case: Case) -> tuple[Basis, Membership | None]:
    """What gives the right to a case that the user sees, and in which role: the nearest first."""
    for column, role in ASSIGNED.items():
        worker = getattr(case, f"{column}_id")
        if worker in {colleague.pk for colleague in user.works_as(role)}:
            basis = Basis.ASSIGNMENT if worker == user.pk else Basis.SUBSTITUTE
            return basis, _membership(user, role)
    if case.unit_id in user.managed_units():
        return Basis.MANAGER, _membership(user, Role.UNIT_MANAGER, unit_id=case.unit_id)
    return Basis.EMERGENCY, next(iter(user.current_memberships), None)


def _membership(user: User, role: Role, unit_id: int | None = None) -> Membership | None:
    held = (m for m in user.current_memberships if m.role == role)
    return next((m for m in held if unit_id in {None, m.unit_id}), None)

from persons.models import AccessLogEntry, Case, Person, Registration
from persons.models.case import ASSIGNED
from staff.models import Membership, Role, Unit, User

Basis = AccessLogEntry.Basis
# The roles in which one works with people.
CASEWORK = (*ASSIGNED.values(), Role.UNIT_MANAGER)


def may_open(user: User, person: Person) -> bool:
    return Person.objects.visible_to(user).filter(pk=person.pk).exists()


def may_search(user: User) -> bool:
    return user.is_active and user.has_role(*CASEWORK)


def may_open_in_emergency(user: User) -> bool:
    return may_search(user)


def may_review_emergencies(user: User) -> bool:
    return user.is_active and user.has_role(Role.UNIT_MANAGER)


def answers_for(user: User, person: Person) -> bool:
    """Unit manager where the person has an open case: decides, names and lifts, also unnamed."""
    managed = Case.objects.open().filter(unit__in=user.managed_units(), person=person)
    return user.is_active and managed.exists()


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


def may_edit_case(user: User, case: Case) -> bool:
    """Who works with the case, or manages its unit: not who opened the person in an emergency."""
    visible = Case.objects.visible_to(user).filter(pk=case.pk).exists()
    return visible and basis_of(user, case)[0] != Basis.EMERGENCY


def may_assign_case(user: User, case: Case) -> bool:
    """Give the case to somebody, move it or close it: its case worker, or the unit's manager."""
    workers = {colleague.pk for colleague in user.works_as(Role.CASE_WORKER)}
    answers = case.case_worker_id in workers or case.unit_id in user.managed_units()
    return answers and may_edit_case(user, case)


def may_register_case(user: User, person: Person, unit: Unit) -> bool:
    """Another case in one's own unit, for somebody whose case one may already edit."""
    theirs = Case.objects.visible_to(user).filter(person=person)
    return unit in own_units(user) and any(may_edit_case(user, case) for case in theirs)


def may_read_whole_log(user: User, case: Case) -> bool:
    """Who has looked at the person: the manager of the unit, and who reviews. Others: own looks."""
    return case.unit_id in user.managed_units() or may_review_log(user)


def may_review_log(user: User) -> bool:
    return user.is_active and user.has_role(Role.LOG_REVIEWER)


def may_answer(user: User, registration: Registration) -> bool:
    """Give somebody the right to work with a person: the manager of the unit."""
    return registration.unit_id in user.managed_units()


def may_review_look(user: User, entry: AccessLogEntry) -> bool:
    """Nobody reviews what they did themselves."""
    return may_review_log(user) and entry.user_id != user.pk


def own_units(user: User) -> list[Unit]:
    """Where the user may register cases: where they work with them, or manage."""
    held = (m.unit for m in user.current_memberships if m.role in CASEWORK)
    return list(dict.fromkeys(held))


def _membership(user: User, role: Role, unit_id: int | None = None) -> Membership | None:
    held = (m for m in user.current_memberships if m.role == role)
    return next((m for m in held if unit_id in {None, m.unit_id}), None)

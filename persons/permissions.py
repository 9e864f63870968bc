from persons.models import Person
from staff.models import User


def may_open(user: User, person: Person) -> bool:
    return Person.objects.visible_to(user).filter(pk=person.pk).exists()

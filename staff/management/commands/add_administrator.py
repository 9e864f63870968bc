from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from staff.models import Membership, Role, Unit, User
from web import clock


class Command(BaseCommand):
    help = "Add a system administrator, who adds everybody else. Asks for what it needs."

    def handle(self, *args: Any, **options: Any) -> None:
        email = input("E-post: ").strip().lower()
        if User.objects.filter(email=email).exists():
            raise CommandError("Den e-postadressen finns redan.")
        first_name, last_name = input("Förnamn: ").strip(), input("Efternamn: ").strip()
        user = User(email=email, first_name=first_name, last_name=last_name)
        unit = input("Enhet: ").strip()
        password = getpass("Lösenord: ")
        _require_right(user, unit, password)
        user.set_password(password)
        _save(user, unit)
        self.stdout.write("Klart. Logga in, lägg till en andra faktor och sedan de andra.")


def _require_right(user: User, unit: str, password: str) -> None:
    try:
        validate_email(user.email)
        validate_password(password, user)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
    if not (user.first_name and user.last_name and unit):
        raise CommandError("Skriv förnamn, efternamn och enhet.")


@transaction.atomic
def _save(user: User, unit_name: str) -> None:
    user.save()
    unit, _made = Unit.objects.get_or_create(
        name=unit_name, defaults={"kind": Unit.Kind.SOCIAL_SERVICES}
    )
    Membership.objects.create(
        user=user, unit=unit, role=Role.SYSTEM_ADMIN, valid_from=clock.today()
    )

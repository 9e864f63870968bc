"""Whose demo it is, and who works there."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.hashers import make_password

from staff.models import Membership, Municipality, Role, Unit, User
from web import clock

PASSWORD = "prova-meddelanden"  # noqa: S105  # shown on the sign-in page: there is nothing to protect
SUPPORT_TEAM, ADULTS = "Stödteamet", "Vuxenenheten"


@dataclass(frozen=True)
class DemoUser:
    first_name: str
    last_name: str
    phone: str
    roles: tuple[tuple[Role, str], ...]

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def email(self) -> str:
        return f"{self.first_name}.{self.last_name}@soderkoping.example".lower()

    @property
    def role(self) -> str:
        return ", ".join(dict.fromkeys(str(role.label) for role, _unit in self.roles))

    @property
    def password(self) -> str:
        return PASSWORD


STAFF = (
    DemoUser("Karin", "Ek", "070-174 06 90", ((Role.SUPPORT_CONTACT, SUPPORT_TEAM),)),
    DemoUser(
        "Erik",
        "Lind",
        "070-174 06 91",
        ((Role.SUPPORT_CONTACT, SUPPORT_TEAM), (Role.TEMPLATE_EDITOR, SUPPORT_TEAM)),
    ),
    DemoUser("Sara", "Ny", "070-174 06 92", ((Role.CASE_WORKER, ADULTS),)),
    DemoUser(
        "Jonas",
        "Holm",
        "070-174 06 93",
        ((Role.CASE_WORKER, ADULTS), (Role.LOG_REVIEWER, ADULTS)),
    ),
    DemoUser(
        "Eva",
        "Sund",
        "070-174 06 94",
        ((Role.UNIT_MANAGER, ADULTS), (Role.UNIT_MANAGER, SUPPORT_TEAM)),
    ),
    DemoUser("Mona", "Dahl", "070-174 06 95", ((Role.SYSTEM_ADMIN, ADULTS),)),
)


def open_office() -> dict[str, User]:
    """Create municipality, units and staff. Returns the staff by first name."""
    Municipality.objects.update_or_create(
        pk=1,
        defaults={
            "name": "Söderköpings kommun",
            "sender_name": "Soderkoping",
            "website": "soderkoping.se",
            "switchboard": "0121-181 00",
            "out_of_hours_phone": "0121-181 01",
            "support_phone": "0121-181 02",
        },
    )
    units = {
        SUPPORT_TEAM: Unit.objects.create(name=SUPPORT_TEAM, kind=Unit.Kind.SUPPORT_TEAM),
        ADULTS: Unit.objects.create(name=ADULTS, kind=Unit.Kind.SOCIAL_SERVICES),
    }
    password = make_password(PASSWORD)  # once: it is meant to be slow
    return {person.first_name: _hire(person, units, password) for person in STAFF}


def _hire(person: DemoUser, units: dict[str, Unit], password: str) -> User:
    user = User.objects.create(
        email=person.email,
        password=password,
        first_name=person.first_name,
        last_name=person.last_name,
        phone=person.phone,
    )
    since = clock.today() - timedelta(days=400)
    for role, unit in person.roles:
        Membership.objects.create(user=user, unit=units[unit], role=role, valid_from=since)
    return user

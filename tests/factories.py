"""The smallest valid rows. Situations are traits: `AccountFactory(active=True)`.

All people are invented. Their numbers and phones come from the published series for tests.
"""

from datetime import date, timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from messaging.inbox.models import Message
from messaging.notices.models import Channel, Notice
from messaging.notices.states import NoticeState
from messaging.sheet.models import SheetVersion
from messaging.sync import calendar
from messaging.sync.models import SyncRun
from messaging.wording.kinds import Kind
from persons.models import (
    Case,
    DecisionRequest,
    EmergencyAccess,
    EServiceAccount,
    NamedAccess,
    Person,
    Protection,
    ProtectionDecision,
    Wish,
)
from persons.states import SwitchState
from relations.models import Basis, ConsentForm, Relation, Role
from staff.models import Absence, GroupMapping, Membership, Unit, User
from staff.models import Role as StaffRole
from web import clock

# PTS: 070-174 06 05 to 070-174 06 99 belong to nobody.
# Those that tests type themselves (the first, the last, 33 and 70) are given to nobody here.
FICTIONAL_PHONES = [f"070-174 06 {last}" for last in range(12, 90) if last not in {33, 70}]


def published_number(n: int) -> str:
    """Skatteverket's open test numbers have one for each day of 1998: 238 and 239 by turns."""
    born = date(1998, 1, 1) + timedelta(days=n % 365)
    nine = f"{born:%y%m%d}{238 + n % 365 % 2}"
    products = [int(digit) * (2 - i % 2) for i, digit in enumerate(nine)]
    return f"19{nine}{-sum(p // 10 + p % 10 for p in products) % 10}"


def today() -> date:
    return clock.today()


def yesterday() -> date:
    return clock.today() - timedelta(days=1)


class UnitFactory(DjangoModelFactory[Unit]):
    class Meta:
        model = Unit

    name = factory.Sequence(lambda n: f"Enhet {n}")
    kind = Unit.Kind.SUPPORT_TEAM


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    unit = factory.SubFactory(UnitFactory)
    valid_from = date(2020, 1, 1)


class GroupMappingFactory(DjangoModelFactory[GroupMapping]):
    class Meta:
        model = GroupMapping

    group = factory.Sequence(lambda n: f"SOC-Grupp-{n}")
    role = StaffRole.CASE_WORKER
    unit = factory.SubFactory(UnitFactory)


class UserFactory(DjangoModelFactory[User]):
    """`UserFactory(role=Role.SUPPORT_CONTACT, unit=unit)`. Without a role: no membership."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"medarbetare{n}@soderkoping.example")
    first_name = "Karin"
    last_name = "Ek"

    @classmethod
    def _create(
        cls, model_class: Any, *args: Any, role: str = "", unit: Unit | None = None, **kwargs: Any
    ) -> User:
        user: User = model_class.objects.create_user(**kwargs)
        if role:
            MembershipFactory(user=user, role=role, unit=unit or UnitFactory())
        return user


class PersonFactory(DjangoModelFactory[Person]):
    """With an account that is off. `account=None`: without; `account__active=True`: switched on."""

    class Meta:
        model = Person
        skip_postgeneration_save = True

    class Params:
        protected = factory.Trait(protection=Protection.CONFIDENTIALITY_MARKING)
        deceased = factory.Trait(deceased_on=factory.LazyFunction(yesterday))

    identity_number = factory.Sequence(published_number)
    given_name = "Amina"
    family_name = "Exempel"
    protection = Protection.NONE
    mobile = factory.Sequence(lambda n: FICTIONAL_PHONES[n % len(FICTIONAL_PHONES)])
    mobile_e164 = factory.LazyAttribute(
        lambda person: person.mobile and "+46" + person.mobile.replace("-", "").replace(" ", "")[1:]
    )
    email = factory.Sequence(lambda n: f"person{n}@exempel.se")
    account = factory.RelatedFactory(
        "tests.factories.AccountFactory", factory_related_name="person"
    )


class Switched(factory.Factory[Any]):
    """Traits that accounts and relations share."""

    class Meta:
        abstract = True

    class Params:
        is_on = factory.Trait(messages_enabled=True, notify_by_sms=True)
        pending = factory.Trait(is_on=True, state=SwitchState.PENDING, version=1)
        failed = factory.Trait(
            is_on=True,
            state=SwitchState.FAILED,
            version=1,
            sent_version=1,
            refusal="Kan inte kopplas på. Prata med enhetschefen.",
            refused_times=1,
        )
        active = factory.Trait(
            is_on=True,
            state=SwitchState.ACTIVE,
            version=1,
            sent_version=1,
            synced_version=1,
            usable_from=factory.LazyFunction(today),
        )
        pending_change = factory.Trait(
            is_on=True,
            state=SwitchState.PENDING_CHANGE,
            version=2,
            sent_version=1,
            synced_version=1,
            usable_from=factory.LazyFunction(today),
        )
        closing = factory.Trait(
            state=SwitchState.CLOSING,
            version=2,
            sent_version=1,
            synced_version=1,
            usable_from=factory.LazyFunction(today),
        )


class AccountFactory(Switched, DjangoModelFactory[EServiceAccount]):
    class Meta:
        model = EServiceAccount

    class Params:
        is_on = factory.Trait(
            messages_enabled=True,
            notify_by_sms=True,
            wish=Wish.YES,
            wish_on=factory.LazyFunction(today),
            switched_on_at=factory.LazyFunction(clock.now),
        )

    person = factory.SubFactory(PersonFactory, account=None)


class AbsenceFactory(DjangoModelFactory[Absence]):
    """Today: `AbsenceFactory(user=karin, substitute=erik)`."""

    class Meta:
        model = Absence

    valid_from = factory.LazyFunction(today)
    valid_until = factory.LazyFunction(today)
    registered_by = factory.SelfAttribute("user")


class NamedAccessFactory(DjangoModelFactory[NamedAccess]):
    class Meta:
        model = NamedAccess

    valid_from = date(2020, 1, 1)
    reason = "Arbetar med ärendet"
    granted_by = factory.SubFactory(UserFactory)


class ProtectionDecisionFactory(DjangoModelFactory[ProtectionDecision]):
    """Yes, from today."""

    class Meta:
        model = ProtectionDecision

    allows_e_service = True
    valid_from = factory.LazyFunction(today)
    reason = "Personen vill ha kontakt digitalt"
    decided_by = factory.SubFactory(UserFactory)


class DecisionRequestFactory(DjangoModelFactory[DecisionRequest]):
    """Waits for an answer."""

    class Meta:
        model = DecisionRequest

    reason = "Personen vill ha kontakt digitalt"
    asked_by = factory.SubFactory(UserFactory)


def protect(person: Person, protection: str = Protection.UNKNOWN) -> None:
    """A marking arrives, and those who work with the person are named."""
    Person.objects.filter(pk=person.pk).update(protection=protection)
    person.refresh_from_db()
    for case in person.cases.all():
        name_workers(case)


def name_workers(case: Case) -> None:
    for worker in {case.case_worker, case.support_contact} - {None}:
        NamedAccessFactory(person=case.person, user=worker)


class EmergencyAccessFactory(DjangoModelFactory[EmergencyAccess]):
    """Open for an hour yet."""

    class Meta:
        model = EmergencyAccess

    reason = "Vikarierar i kväll"
    open_until = factory.LazyFunction(lambda: clock.now() + timedelta(hours=1))


class CaseFactory(DjangoModelFactory[Case]):
    """`support_contact` and `case_worker` see the person if they have that role.

    With protected data they are also named, unless `named=False`.
    """

    class Meta:
        model = Case
        skip_postgeneration_save = True

    class Params:
        executed = factory.Trait(executed_on=factory.LazyFunction(yesterday))

    person = factory.SubFactory(PersonFactory)
    number = factory.Sequence(lambda n: f"2026-{n:04}")
    unit = factory.SubFactory(UnitFactory)

    @factory.post_generation
    def named(self: Case, create: bool, extracted: bool | None, **kwargs: Any) -> None:
        if self.person.is_protected and extracted is not False:
            name_workers(self)


class RelationFactory(Switched, DjangoModelFactory[Relation]):
    class Meta:
        model = Relation

    principal = factory.SubFactory(PersonFactory)
    representative = factory.SubFactory(PersonFactory, given_name="Leila", account=None)
    given_name = factory.SelfAttribute("representative.given_name")
    family_name = factory.SelfAttribute("representative.family_name")
    role = Role.CLOSE_RELATIVE
    basis = Basis.CONSENT
    consent_on = factory.LazyFunction(today)
    consent_form = ConsentForm.ORAL
    may_read_messages = True
    valid_from = factory.LazyFunction(today)
    valid_until = factory.LazyFunction(lambda: today() + timedelta(days=182))
    created_by = factory.SubFactory(UserFactory)


class SheetVersionFactory(DjangoModelFactory[SheetVersion]):
    """Not rendered: `pdf` is only bytes that begin like one."""

    class Meta:
        model = SheetVersion

    language = "sv"
    version = factory.Sequence(lambda n: n + 1)
    digest = factory.Sequence(lambda n: f"{n:064x}")
    html = "<p>Så använder du e-tjänsten Meddelanden</p>"
    pdf = b"%PDF-1.7"


class MessageFactory(DjangoModelFactory[Message]):
    """A scheduled welcome."""

    class Meta:
        model = Message

    class Params:
        readable = factory.Trait(
            state=Message.State.READABLE, readable_at=factory.LazyFunction(clock.now)
        )
        letter = factory.Trait(readable=True, kind=Message.Kind.LETTER)
        reply = factory.Trait(letter=True, from_person=True, written_by=None)

    person = factory.SubFactory(PersonFactory, account__active=True)
    kind = Message.Kind.WELCOME
    subject = "Välkommen till e-tjänsten Meddelanden"
    body = "Hej Amina!"
    written_by = factory.SubFactory(UserFactory)


class NoticeFactory(DjangoModelFactory[Notice]):
    """A queued SMS."""

    class Meta:
        model = Notice

    class Params:
        email = factory.Trait(
            channel=Channel.EMAIL,
            address=factory.SelfAttribute("person.email"),
            sender="Söderköpings kommun",
            subject="E-tjänsten Meddelanden är öppen för dig",
            html="<p>Hej!</p>",
        )
        delivered = factory.Trait(
            state=NoticeState.DELIVERED, attempt=1, settled_at=factory.LazyFunction(clock.now)
        )
        undelivered = factory.Trait(
            state=NoticeState.UNDELIVERED,
            last_code="30005",
            attempt=1,
            settled_at=factory.LazyFunction(clock.now),
        )

    dedupe_key = factory.Sequence(lambda n: f"welcome:message {n}:sms")
    kind = Kind.WELCOME
    channel = Channel.SMS
    person = factory.SubFactory(PersonFactory, account__active=True)
    address = factory.SelfAttribute("person.mobile_e164")
    sender = "Soderkoping"
    text = "E-tjänsten Meddelanden hos Söderköpings kommun är nu öppen för dig."


class SyncRunFactory(DjangoModelFactory[SyncRun]):
    """Today's run, done."""

    class Meta:
        model = SyncRun

    local_date = factory.LazyFunction(today)
    state = SyncRun.State.DONE
    started_at = factory.LazyAttribute(lambda run: calendar.night_of(run.local_date))
    finished_at = factory.LazyAttribute(
        lambda run: None if run.state == "running" else run.started_at + timedelta(minutes=2)
    )
    usable_from = factory.LazyAttribute(lambda run: calendar.usable_from(run.started_at))
